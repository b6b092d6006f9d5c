/** Changing a Meta app; its secret is changed by itself. */
import { Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { PartnerFields, partnerSent, partnerValues } from "./PartnerFields";
import { appsQuery } from "./queries";

export function ChangeApp({ app, onDone }: { app: Schemas["MetaApp"]; onDone: () => void }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const form = useForm({ initialValues: { name: app.name, ...partnerValues(app) } });
  const change = useMutation({
    mutationFn: ({ name, ...partner }: typeof form.values) => {
      const body: Schemas["AppChange"] = { name, ...partnerSent(partner) };
      return answer(api.PUT("/api/v1/operator/meta-apps/{app}", { params: { path: { app: app.id } }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries(appsQuery);
      onDone();
    },
  });
  const problem = useProblemInForm(form, change.error);
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack>
        <ProblemAlert error={problem} />
        <TextInput label={t("apps.name")} maxLength={100} required withAsterisk={false} data-autofocus {...form.getInputProps("name")} />
        <PartnerFields form={form} hasToken={app.has_system_token} />
        <FormActions pending={change.isPending} disabled={!form.isDirty()} onCancel={onDone} />
      </Stack>
    </form>
  );
}
