/** The business username: what a number may be called instead of its digits. */
import { Anchor, Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { claimUsername, giveUpUsername, suggestionsQuery, useDeed, type PhoneNumber } from "./queries";

export function UsernameSection({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const giveUp = useDeed(number.id, giveUpUsername);
  const reserved = number.username_status === "reserved";
  return (
    <Section title={t("username.title")} about={t("username.about")}>
      <Stack>
        {number.username ? (
          <Group justify="space-between">
            <Text>
              <b>@{number.username}</b> · {reserved ? t("username.reserved") : t("username.approved")}
            </Text>
            {usable && (
              <ConfirmButton
                title={t("username.giveUpQuestion", { name: number.username })}
                effect={t("username.giveUpEffect")}
                confirm={t("username.giveUp")}
                danger
                onConfirm={() => giveUp.mutateAsync()}
              >
                {t("username.giveUp")}
              </ConfirmButton>
            )}
          </Group>
        ) : (
          <Text c="dimmed">{t("username.none")}</Text>
        )}
        {usable && <UsernameForm number={number} />}
      </Stack>
    </Section>
  );
}

function UsernameForm({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation("numbers");
  const suggestions = useQuery(suggestionsQuery(useOrg(), number.id));
  const claim = useDeed(number.id, claimUsername);
  const form = useForm({ initialValues: { username: "", transfer: false }, validate: { username: (name) => (fits(name) ? null : t("username.hint")) } });
  const problem = useProblemInForm(form, claim.error);
  return (
    <form
      onSubmit={form.onSubmit((wish) =>
        claim.mutate(wish, {
          onSuccess: () => {
            form.reset();
            tellDone(t("username.claimed"));
          },
        }),
      )}
    >
      <Stack gap="sm">
        <ProblemAlert error={problem} />
        <TextInput
          label={number.username ? t("username.another") : t("username.new")}
          description={t("username.hint")}
          leftSection="@"
          maxLength={35}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          {...form.getInputProps("username")}
        />
        {(suggestions.data?.items.length ?? 0) > 0 && (
          <Text size="sm">
            {t("username.free")}{" "}
            {suggestions.data?.items.map((name) => (
              <Anchor key={name} component="button" type="button" mr="sm" size="sm" onClick={() => form.setFieldValue("username", name)}>
                @{name}
              </Anchor>
            ))}
          </Text>
        )}
        <Checkbox label={t("username.transfer")} {...form.getInputProps("transfer", { type: "checkbox" })} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={claim.isPending} disabled={!form.values.username}>
            {t("username.claim")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Meta's rules for a username. */
function fits(name: string): boolean {
  return /^[a-z0-9._]{3,35}$/.test(name) && /[a-z]/.test(name) && !/^\.|\.$|\.\.|^www/.test(name);
}
