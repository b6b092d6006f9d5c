/** The organisation's name, language and place. */
import { Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGE_NAMES, LANGUAGES } from "@/i18n";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { countries, timeZones } from "./places";
import { useChangeOrganisation, type Organisation } from "./queries";

export function OrganisationForm({ organisation, mayWrite }: { organisation: Organisation; mayWrite: boolean }) {
  const { t, i18n } = useTranslation("settings");
  const { name, locale, country, timezone } = organisation;
  const form = useForm({ initialValues: { name, locale, country, timezone }, enhanceGetInputProps: () => ({ disabled: !mayWrite }) });
  const change = useChangeOrganisation();
  const problem = useProblemInForm(form, change.error);
  const lands = useMemo(() => countries(i18n.language), [i18n.language]);
  const zones = useMemo(() => timeZones(i18n.language, timezone), [i18n.language, timezone]);
  return (
    <Section title={t("organisation.title")}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values, { onSuccess: () => tellDone(t("saved")) }))}>
        <Stack>
          <ProblemAlert error={problem} />
          <TextInput
            label={t("organisation.name")}
            description={t("organisation.nameHint")}
            maxLength={100}
            required
            withAsterisk={false}
            {...form.getInputProps("name")}
          />
          <Select
            label={t("organisation.language")}
            description={t("organisation.languageHint")}
            data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
            allowDeselect={false}
            {...form.getInputProps("locale")}
          />
          <Select
            label={t("organisation.country")}
            description={t("organisation.countryHint")}
            data={lands}
            searchable
            nothingFoundMessage={t("nothingFound")}
            allowDeselect={false}
            {...form.getInputProps("country")}
          />
          <Select
            label={t("organisation.timezone")}
            description={t("organisation.timezoneHint")}
            data={zones}
            searchable
            nothingFoundMessage={t("nothingFound")}
            allowDeselect={false}
            {...form.getInputProps("timezone")}
          />
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
