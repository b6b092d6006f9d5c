/** What people read by e-mail and SMS: our words, or the organisation's own, as they would be sent. */
import { Code, Group, Paper, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { fallbackQuery, type Channel, type Fallback } from "./queries";

type OwnText = Schemas["OwnText"];
type Which = Pick<OwnText, "channel" | "kind" | "locale">;

const same = (one: Which, other: Which) => one.channel === other.channel && one.kind === other.kind && one.locale === other.locale;

export function TextsForm({ fallback, mayWrite }: { fallback: Fallback; mayWrite: boolean }) {
  const { t, i18n } = useTranslation("channels");
  const locale: Which["locale"] = i18n.language === "id" ? "id" : "en";
  const [which, setWhich] = useState<Which>({ channel: "email", kind: "link", locale });
  return (
    <Section title={t("texts.title")} about={t("texts.about")}>
      <Group>
        <SegmentedControl
          aria-label={t("texts.channel")}
          data={(["email", "sms"] as const).map((value) => ({ value, label: t(`of.${value}.short`) }))}
          value={which.channel}
          onChange={(channel) => setWhich({ ...which, channel: channel as Channel })}
        />
        <SegmentedControl
          aria-label={t("texts.language")}
          data={[
            { value: "id", label: "Indonesia" },
            { value: "en", label: "English" },
          ]}
          value={which.locale}
          onChange={(next) => setWhich({ ...which, locale: next })}
        />
      </Group>
      <Select
        label={t("texts.kind")}
        data={(["link", "content"] as const).map((value) => ({ value, label: t(`texts.kinds.${value}`) }))}
        value={which.kind}
        allowDeselect={false}
        onChange={(kind) => kind && setWhich({ ...which, kind })}
      />
      <TextForm key={JSON.stringify(which)} {...{ which, fallback, mayWrite }} />
    </Section>
  );
}

function TextForm({ which, fallback, mayWrite }: { which: Which; fallback: Fallback; mayWrite: boolean }) {
  const { t } = useTranslation("channels");
  const org = useOrg();
  const queries = useQueryClient();
  const { settings, usual } = fallback;
  const { texts } = settings;
  const begun = texts.find((own) => same(own, which)) ?? usual.find((own) => same(own, which)) ?? { ...which, body: "" };
  const [text, setText] = useState<OwnText>(begun);
  const [shown] = useDebouncedValue(text, 400);
  const preview = useQuery({
    queryKey: ["org", org, "fallback", "preview", shown],
    queryFn: () => answer(api.POST("/api/v1/orgs/{org}/fallback/preview", { params: { path: { org } }, body: { text: shown } })),
    placeholderData: keepPreviousData,
  });
  const save = useMutation({
    mutationFn: (own: OwnText) => {
      const others = texts.filter((one) => !same(one, which));
      const isUsual = usual.some((one) => same(one, own) && one.body === own.body && one.subject === own.subject);
      const body = { order: settings.order, link_hours: settings.link_hours, texts: isUsual ? others : [...others, own] };
      return answer(api.PUT("/api/v1/orgs/{org}/fallback", { params: { path: { org } }, body }));
    },
    onSuccess: (stored) => {
      queries.setQueryData(fallbackQuery(org).queryKey, stored);
      tellDone(t("saved"));
    },
  });
  const changed = text.body !== begun.body || text.subject !== begun.subject;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(text);
      }}
    >
      <Stack>
        <ProblemAlert error={save.error} />
        {which.channel === "email" && (
          <TextInput
            label={t("texts.subject")}
            maxLength={200}
            disabled={!mayWrite}
            value={text.subject ?? ""}
            onChange={(event) => setText({ ...text, subject: event.currentTarget.value })}
          />
        )}
        <Textarea
          label={t("texts.body")}
          description={t("texts.gaps")}
          autosize
          minRows={4}
          maxLength={2000}
          disabled={!mayWrite}
          value={text.body}
          onChange={(event) => setText({ ...text, body: event.currentTarget.value })}
        />
        <Text size="sm" c="dimmed">
          {t(`texts.needs.${which.kind}`)} <Code>{which.kind === "link" ? "{link}" : "{text}"}</Code>
          {which.channel === "email" && (
            <>
              {" "}
              <Code>{"{unsubscribe}"}</Code>
            </>
          )}
        </Text>
        {preview.data && (
          <Paper withBorder p="md" role="region" aria-label={t("texts.preview")}>
            <Text size="xs" c="dimmed">
              {t("texts.preview")}
            </Text>
            {preview.data.subject && <Text fw={600}>{preview.data.subject}</Text>}
            <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {preview.data.body}
            </Text>
          </Paper>
        )}
        {mayWrite && <FormActions pending={save.isPending} disabled={!changed} />}
      </Stack>
    </form>
  );
}
