/** What the organisation says of a person. */
import { Group, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { difference } from "@/rooms/inbox/labels";
import { contactLabelsQuery } from "@/rooms/inbox/queries";
import { timeZones } from "@/rooms/settings/places";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { useChangeContact, type ContactDetail } from "./queries";

export function ContactForm({ contact }: { contact: ContactDetail }) {
  const { t, i18n } = useTranslation("contacts");
  const mayWrite = useMay()("inbox.write");
  const languageName = useLanguageName();
  const { data: known = [] } = useQuery(contactLabelsQuery(useOrg()));
  const form = useForm({
    initialValues: {
      name: contact.name,
      email: contact.email ?? "",
      language: contact.language ?? "",
      timezone: contact.timezone ?? "",
      labels: contact.labels,
    },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const change = useChangeContact(contact.id);
  const problem = useProblemInForm(form, change.error);
  const zones = useMemo(() => timeZones(i18n.language, contact.timezone ?? ""), [i18n.language, contact.timezone]);
  const save = form.onSubmit(({ labels, timezone, ...said }) =>
    change.mutate({ ...said, timezone, labels: difference(contact.labels, labels) }, { onSuccess: () => tellDone(t("saved")) }),
  );
  return (
    <Section title={t("form.title")}>
      <form onSubmit={save}>
        <Stack>
          <ProblemAlert error={problem} />
          <TextInput label={t("form.name")} description={t("form.nameHint")} maxLength={200} {...form.getInputProps("name")} />
          <TextInput label={t("form.email")} type="email" maxLength={254} {...form.getInputProps("email")} />
          <Group grow align="start">
            <TextInput label={t("form.language")} description={form.values.language ? languageName(form.values.language) : t("form.languageHint")} maxLength={20} {...form.getInputProps("language")} />
            <Select
              label={t("form.timezone")}
              description={t("form.timezoneHint")}
              data={zones}
              searchable
              clearable
              {...form.getInputProps("timezone")}
              onChange={(zone: string | null) => form.setFieldValue("timezone", zone ?? "")}
            />
          </Group>
          <TagsInput label={t("form.labels")} data={known} acceptValueOnBlur {...form.getInputProps("labels")} />
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
