/** Writing a notification: which template, what fills it, to whom and when, with the message as the phone will show it. */
import { Box, Group, Radio, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useMembership, useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { ChannelOrder } from "@/rooms/channels/ChannelOrder";
import { channelsQuery } from "@/rooms/channels/queries";
import { filled, gaps, type Template } from "@/rooms/inbox/composer/templates";
import { numbersQuery, templatesQuery } from "@/rooms/inbox/queries";
import { PhonePreview } from "@/rooms/inbox/thread/PhonePreview";
import { kindsQuery, type Field } from "@/rooms/records/queries";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { definitionOf, draftOf, firstDay, newDraft, previewValues, usualFilling, type Draft } from "./draft";
import classes from "./EditPage.module.css";
import { GapFields } from "./GapFields";
import { PreviewPart } from "./PreviewPart";
import { keepNotification, notificationsQuery, useNotificationDeed } from "./queries";
import { When } from "./WhenPart";
import { Contacts, Matches } from "./WhomPart";

export function EditPage() {
  const { t } = useTranslation("notifications");
  const org = useOrg();
  const { slug } = useMembership();
  const languageName = useLanguageName();
  const navigate = useNavigate();
  const { notification: id } = useParams({ strict: false });
  const known = useSuspenseQuery(notificationsQuery(org)).data.find((one) => one.id === id);
  const { data: kinds } = useSuspenseQuery(kindsQuery(org));
  const { data: numbers } = useSuspenseQuery(numbersQuery(org));
  const [draft, setDraft] = useState<Draft>(() =>
    known ? draftOf(known) : { ...newDraft(), number: numbers[0]?.id ?? "", kind: kinds[0]?.id ?? "", ...(kinds.length === 0 && { when: "call" }) },
  );
  const channels = useQuery(channelsQuery(org)).data?.items ?? [];
  // What is in the draft is shown, whether or not it is set up any more.
  const ready = (["email", "sms"] as const).filter((channel) => channels.some((one) => one.channel === channel));
  const account = numbers.find((one) => one.id === draft.number)?.account_id;
  const { data: templates = [] } = useQuery({ ...templatesQuery(org, account ?? ""), enabled: Boolean(account) });
  const same = templates.filter((one) => one.name === draft.template);
  const shown = same.find((one) => one.language === draft.language) ?? same[0];
  const kind = kinds.find((one) => one.id === draft.kind);
  const keep = useNotificationDeed(keepNotification(known?.id));
  const change = (some: Partial<Draft>) => setDraft({ ...draft, ...some });
  const there = `/o/${slug}/notifications`;
  const definition = definitionOf({ ...draft, field: draft.field || firstDay(kind?.fields) }, same, kind?.fields);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    keep.mutate(
      { name: draft.name, state: draft.isEnabled ? "enabled" : "paused", definition },
      { onSuccess: (one) => void navigate({ to: `${there}/${one.id}` }) },
    );
  };
  const problem = (path: string) => (keep.error instanceof ApiProblem ? keep.error.fields[path] : undefined);
  return (
    <Page title={t(known ? "edit" : "add")} about={t("editAbout")} up={{ to: there, label: t("title") }} width={1100}>
      <form onSubmit={send}>
        <div className={classes.sides}>
            <Stack>
              <ProblemAlert error={keep.error} />
              <TextInput
                label={t("name")}
                description={t("nameHint")}
                maxLength={100}
                required
                withAsterisk={false}
                value={draft.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
              />
              <Section title={t("to.title")}>
                <Radio.Group value={draft.kind === "" ? "contacts" : "records"} onChange={(value) => change(audience(value, kinds[0]?.id, draft))}>
                  <Group>
                    <Radio value="records" label={t("to.records")} disabled={kinds.length === 0} />
                    <Radio value="contacts" label={t("to.contacts")} />
                  </Group>
                </Radio.Group>
                {draft.kind === "" ? (
                  <Contacts draft={draft} onChange={change} />
                ) : (
                  <Select
                    label={t("to.kind")}
                    data={kinds.map((one) => ({ value: one.id, label: one.title }))}
                    value={draft.kind}
                    onChange={(value) => value && change({ kind: value, field: "", matches: [] })}
                    allowDeselect={false}
                  />
                )}
                {draft.kind !== "" && <Matches draft={draft} fields={kind?.fields ?? []} onChange={change} />}
              </Section>
              <When draft={draft} fields={kind?.fields ?? []} onChange={change} problem={problem} />
              <Section title={t("what.title")}>
                {numbers.length > 1 && (
                  <Select
                    label={t("what.number")}
                    data={numbers.map((one) => ({ value: one.id, label: one.display }))}
                    value={draft.number}
                    onChange={(value) => value && change({ number: value, template: "" })}
                    allowDeselect={false}
                  />
                )}
                <Select
                  label={t("what.template")}
                  description={t("what.templateHint")}
                  data={[...new Set(templates.map((one) => one.name))]}
                  value={draft.template || null}
                  error={problem("definition.template")}
                  onChange={(value) => value && change(withTemplate(value, templates, draft))}
                  searchable
                  required
                  withAsterisk={false}
                  nothingFoundMessage={t("what.noTemplate")}
                />
                {same.length > 1 && (
                  <Select
                    label={t("what.language")}
                    data={same.map((one) => ({ value: one.language, label: languageName(one.language) }))}
                    value={draft.language}
                    onChange={(value) => value && change({ language: value })}
                    allowDeselect={false}
                  />
                )}
                {shown &&
                  gaps(shown).map((gap) => (
                    <GapFields
                      key={gap.id}
                      label={gap.part === "button" ? gap.name : `{{${gap.name}}}`}
                      gap={gap}
                      filling={draft.fillings[gap.id] ?? usualFilling(gap.id)}
                      fields={draft.kind === "" ? null : (kind?.fields ?? [])}
                      error={problem(`definition.variables.${gap.id}`)}
                      onChange={(filling) => change({ fillings: { ...draft.fillings, [gap.id]: filling } })}
                    />
                  ))}
              </Section>
              <Section title={t("channels.title")} about={t("channels.about")}>
                <ChannelOrder steps={draft.channels} ready={ready} mayWrite onChange={(channels) => change({ channels })} />
                {problem("definition.fallback") && (
                  <Text size="sm" c="error" role="alert">
                    {problem("definition.fallback")}
                  </Text>
                )}
              </Section>
              {draft.template !== "" && (
                <Section title={t("preview.title")} about={t("preview.about")}>
                  <PreviewPart definition={definition} notification={known?.id} />
                </Section>
              )}
              <Switch
                label={t("enabled")}
                description={t("enabledHint")}
                checked={draft.isEnabled}
                onChange={(event) => change({ isEnabled: event.currentTarget.checked })}
              />
              <FormActions pending={keep.isPending} disabled={draft.template === ""} onCancel={() => void navigate({ to: there })} />
            </Stack>
            {shown && <Phone template={shown} draft={draft} fields={kind?.fields ?? []} />}
        </div>
      </form>
    </Page>
  );
}

/** Contacts have no days; a call or a clock begins what goes to them. */
function audience(to: string, kind: string | undefined, draft: Draft): Partial<Draft> {
  return to === "records" ? { kind: kind ?? "" } : { kind: "", when: draft.when === "date" ? "call" : draft.when };
}

function withTemplate(name: string, templates: readonly Template[], draft: Draft): Partial<Draft> {
  const same = templates.filter((one) => one.name === name);
  const language = same.find((one) => one.language === draft.language)?.language ?? same[0]?.language ?? "";
  return { template: name, language, fillings: {} };
}

/** The message as the phone will show it, with what stands for what in its gaps. */
function Phone({ template, draft, fields }: { template: Template; draft: Draft; fields: readonly Field[] }) {
  const { t } = useTranslation("notifications");
  const org = useOrg();
  const values = previewValues(draft, template, fields, (origin) => t(`origin.${origin}`));
  const header = draft.fillings.header;
  // A file that was uploaded is looked at where it is kept.
  const file: Record<string, string> = header?.origin === "file" && header.text !== "" ? { header: `/api/v1/orgs/${org}/media/${header.text}` } : {};
  return (
    <Box pos="sticky" top={24}>
      <PhonePreview label={t("phone")} filled={filled(template, { ...values, ...file })} />
    </Box>
  );
}
