/** Who was erased, and whom never to write to again. */
import { Anchor, Badge, Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { ContactsTabs } from "./ContactsTabs";
import { erasuresQuery, suppressionsQuery, useFreshPrivacy, useSuppress } from "./queries";

export function PrivacyPage() {
  const { t } = useTranslation("contacts");
  useFreshPrivacy();
  return (
    <Page title={t("privacy.title")} about={t("privacy.about")}>
      <ContactsTabs />
      <Stack gap="lg">
        <Suppressions />
        <Erasures />
      </Stack>
    </Page>
  );
}

function Erasures() {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const { items, more } = usePaged(erasuresQuery(useOrg()));
  return (
    <Section title={t("erasures.title")} about={t("erasures.about")}>
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("erasures.none")}
        </Text>
      ) : (
        <Rows label={t("erasures.title")}>
          {items.map((one) => (
            <Row
              key={one.id}
              title={
                <Anchor component={Link} to={`/o/${slug}/contacts/privacy/${one.id}`} c="inherit" fw={600}>
                  {one.reason}
                </Anchor>
              }
              facts={<Facts>{[<Time key="when" at={one.created_at} />, one.suppressed && t("erasures.suppressed")]}</Facts>}
              actions={
                <Badge variant="light" color={one.state === "done" ? "sapa" : "gray"} fw={500} autoContrast>
                  {t(`erasures.state.${one.state}`)}
                </Badge>
              }
            />
          ))}
        </Rows>
      )}
      {more}
    </Section>
  );
}

function Suppressions() {
  const { t } = useTranslation("contacts");
  const may = useMay();
  const { data } = useSuspenseQuery(suppressionsQuery(useOrg()));
  return (
    <Section title={t("suppressions.title")} about={t("suppressions.about")}>
      {data.items.length > 0 && (
        <Rows label={t("suppressions.title")}>
          {data.items.map((one) => (
            <Row
              key={`${one.kind} ${one.reason}`}
              title={t(`suppressions.kind.${one.kind as "phone"}`)}
              facts={t(`suppressions.reason.${one.reason as "asked"}`)}
              actions={<Text fw={600}>{one.count}</Text>}
            />
          ))}
        </Rows>
      )}
      {may("consent.write") && <SuppressForm mayRemove={may("settings.write")} />}
    </Section>
  );
}

function SuppressForm({ mayRemove }: { mayRemove: boolean }) {
  const { t } = useTranslation("contacts");
  const suppress = useSuppress();
  const form = useForm({ initialValues: { what: "add", phone: "", reason: "" } });
  const problem = useProblemInForm(form, suppress.error);
  const send = form.onSubmit(({ what, phone, reason }) => {
    const name = phone.includes("@") ? { email: phone } : { phone };
    suppress.mutate(
      { ...name, reason, remove: what === "remove" },
      {
        onSuccess: () => {
          tellDone(t("saved"));
          form.reset();
        },
      },
    );
  });
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <ProblemAlert error={problem} />
        {mayRemove && (
          <SegmentedControl
            aria-label={t("suppressions.title")}
            data={[
              { value: "add", label: t("suppressions.add") },
              { value: "remove", label: t("suppressions.remove") },
            ]}
            {...form.getInputProps("what")}
          />
        )}
        <Group align="start" grow>
          <TextInput label={t("suppressions.name")} required {...form.getInputProps("phone")} />
          <TextInput label={t("suppressions.why")} required maxLength={200} {...form.getInputProps("reason")} />
        </Group>
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={suppress.isPending}>
            {t(form.values.what === "remove" ? "suppressions.remove" : "suppressions.add")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
