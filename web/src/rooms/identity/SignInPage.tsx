/** Signing in by password and, where the account has one, a second factor. */
import { Anchor, Button, Center, Divider, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { isCode } from "@/api/problem";
import { meQuery } from "@/app/session";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { useTitle } from "@/ui/title";
import { PasskeySignIn } from "./PasskeySignIn";
import { ProviderSignIn, providersQuery } from "./ProviderSignIn";
import { knowsPasskeys } from "./webauthn";

/** An address of these pages; anything else, such as another site, becomes the start. */
function within(next = "/"): string {
  const target = new URL(next, location.origin);
  return target.origin === location.origin && next.startsWith("/") ? target.pathname + target.search : "/";
}

export function SignInPage() {
  const { t } = useTranslation("identity");
  useTitle(t("signIn.title"));
  const queries = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ strict: false });
  const form = useForm<Schemas["SignIn"]>({ mode: "uncontrolled", initialValues: { email: "", password: "", code: "" } });
  async function goOn() {
    await queries.invalidateQueries(meQuery);
    router.history.push(within(next));
  }
  const signIn = useMutation({
    mutationFn: (values: Schemas["SignIn"]) =>
      answer(api.POST("/api/v1/session", { body: { ...values, code: values.code?.trim() ? values.code.trim() : null } })),
    onSuccess: goOn,
  });
  const { data: providers = [] } = useQuery(providersQuery);
  const otherWays = knowsPasskeys() || providers.length > 0;
  const wantsCode = isCode(signIn.error, "second_factor_required", "second_factor_wrong") || Boolean(form.getValues().code);
  const said = useProblemInForm(form, isCode(signIn.error, "second_factor_required") ? null : signIn.error);

  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack w="100%" maw={400} gap="lg">
        <Group justify="center" gap="sm">
          <img src="/icon.svg" alt="" width={44} height={44} />
          <Title order={1}>Sapa</Title>
        </Group>
        <Text ta="center" c="dimmed">
          {t("signIn.tagline")}
        </Text>
        <Paper withBorder p="lg" shadow="sm">
          <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
            <Stack>
              <ProblemAlert error={said} />
              <TextInput
                type="email"
                label={t("signIn.email")}
                autoComplete="username webauthn"
                required
                withAsterisk={false}
                autoFocus
                key={form.key("email")}
                {...form.getInputProps("email")}
              />
              <PasswordField
                label={t("signIn.password")}
                autoComplete="current-password"
                required
                withAsterisk={false}
                key={form.key("password")}
                {...form.getInputProps("password")}
              />
              {wantsCode && (
                <TextInput
                  label={t("signIn.code")}
                  description={t("signIn.codeHint")}
                  autoComplete="one-time-code"
                  inputMode="numeric"
                  autoFocus
                  key={form.key("code")}
                  {...form.getInputProps("code")}
                />
              )}
              <Button type="submit" loading={signIn.isPending} fullWidth>
                {t("signIn.send")}
              </Button>
              <Anchor href="/reset-password" size="sm" ta="center">
                {t("signIn.forgotten")}
              </Anchor>
            </Stack>
          </form>
          {otherWays && (
            <Stack mt="md" gap="sm">
              <Divider label={t("signIn.or")} />
              {knowsPasskeys() && <PasskeySignIn onSignedIn={goOn} />}
              <ProviderSignIn returnTo={within(next)} />
            </Stack>
          )}
        </Paper>
      </Stack>
    </Center>
  );
}
