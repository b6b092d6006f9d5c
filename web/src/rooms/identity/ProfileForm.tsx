/** How one is called, and the language one reads. */
import { Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { remember } from "@/app/appearance";
import { meQuery, useMe } from "@/app/session";
import { LANGUAGE_NAMES, LANGUAGES, speak } from "@/i18n";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";

export function ProfileForm() {
  const { t } = useTranslation("identity");
  const { person } = useMe();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { name: person.name, locale: person.locale } });
  const save = useMutation({
    mutationFn: (body: typeof form.values) => answer(api.PATCH("/api/v1/me", { body })),
    onSuccess: async (_, values) => {
      form.resetDirty(values);
      remember({ language: values.locale });
      await speak(values.locale);
      await queries.invalidateQueries(meQuery);
      tellDone(t("account.saved"));
    },
  });
  const problem = useProblemInForm(form, save.error);
  return (
    <Section title={t("account.profile")}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <ProblemAlert error={problem} />
          <TextInput
            label={t("account.name")}
            description={t("account.nameHint")}
            autoComplete="name"
            maxLength={100}
            required
            withAsterisk={false}
            {...form.getInputProps("name")}
          />
          <TextInput label={t("signIn.email")} value={person.email} readOnly variant="filled" />
          <Select
            label={t("account.language")}
            data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
            allowDeselect={false}
            {...form.getInputProps("locale")}
          />
          <FormActions pending={save.isPending} disabled={!form.isDirty()} />
        </Stack>
      </form>
    </Section>
  );
}
