/** Registering a Meta app. */
import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useIntention } from "@/api/intention";
import { FormActions } from "@/ui/FormActions";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { Copyable, Secret } from "@/ui/Secret";
import { PartnerFields, partnerSent, partnerValues } from "./PartnerFields";
import { appsQuery } from "./queries";

export function NewApp({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const once = useIntention();
  const form = useForm({ initialValues: { meta_app_id: "", name: "", secret: "", ...partnerValues() } });
  const make = useMutation({
    mutationFn: ({ meta_app_id, name, secret, ...partner }: typeof form.values) => {
      const body: Schemas["AppRequest"] = { meta_app_id: meta_app_id.trim(), name, secret: secret.trim(), ...partnerSent(partner) };
      return answer(api.POST("/api/v1/operator/meta-apps", { params: { header: once(body) }, body }));
    },
    onSuccess: () => queries.invalidateQueries(appsQuery),
  });
  const problem = useProblemInForm(form, make.error);
  if (make.data) {
    return (
      <Stack>
        <Text role="status">{t("apps.made")}</Text>
        <Copyable label={t("apps.webhook")} value={make.data.app.webhook_url} />
        <Secret label={t("apps.verify")} value={make.data.verify_token} />
        <Button onClick={onDone}>{t("done", { ns: "app" })}</Button>
      </Stack>
    );
  }
  const must = { required: true, withAsterisk: false };
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack>
        <ProblemAlert error={problem} />
        <TextInput label={t("apps.name")} maxLength={100} data-autofocus {...must} {...form.getInputProps("name")} />
        <TextInput
          label={t("apps.id")}
          description={t("apps.idHint")}
          inputMode="numeric"
          maxLength={40}
          {...must}
          {...form.getInputProps("meta_app_id")}
        />
        <PasswordField
          label={t("apps.secret")}
          description={t("apps.secretHint")}
          autoComplete="off"
          {...must}
          {...form.getInputProps("secret")}
        />
        <PartnerFields form={form} hasToken={false} />
        <FormActions send={t("apps.new")} pending={make.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
