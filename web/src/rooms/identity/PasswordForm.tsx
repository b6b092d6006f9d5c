/** Changing one's password. */
import { Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMe } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { sessionsQuery } from "./queries";

export function PasswordForm() {
  const { t } = useTranslation("identity");
  const { person } = useMe();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { current: "", new: "" } });
  const change = useMutation({
    mutationFn: (body: typeof form.values) => answer(api.PUT("/api/v1/me/password", { body })),
    onSuccess: async () => {
      form.reset();
      tellDone(t("password.changed"));
      await queries.invalidateQueries(sessionsQuery);
    },
  });
  const problem = useProblemInForm(form, change.error);
  return (
    <Section title={t("password.title")} about={t("password.about")}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack>
          <ProblemAlert error={problem} />
          <input type="email" autoComplete="username" value={person.email} readOnly hidden />
          <PasswordField
            label={t("password.current")}
            autoComplete="current-password"
            required
            withAsterisk={false}
            {...form.getInputProps("current")}
          />
          <PasswordField
            label={t("password.new")}
            description={t("password.hint")}
            autoComplete="new-password"
            minLength={10}
            maxLength={200}
            required
            withAsterisk={false}
            {...form.getInputProps("new")}
          />
          <FormActions send={t("password.send")} pending={change.isPending} disabled={!form.isDirty()} />
        </Stack>
      </form>
    </Section>
  );
}
