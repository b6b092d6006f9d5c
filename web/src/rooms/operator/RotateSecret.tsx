/** Taking over an app secret that was renewed at Meta. */
import { Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { appsQuery } from "./queries";

export function RotateSecret({ app, onDone }: { app: Schemas["MetaApp"]; onDone: () => void }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const form = useForm({ initialValues: { secret: "" } });
  const rotate = useMutation({
    mutationFn: ({ secret }: { secret: string }) =>
      answer(
        api.POST("/api/v1/operator/meta-apps/{app}/secret", { params: { path: { app: app.id } }, body: { secret: secret.trim() } }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries(appsQuery);
      tellDone(t("apps.rotated"));
      onDone();
    },
  });
  const problem = useProblemInForm(form, rotate.error);
  return (
    <form onSubmit={form.onSubmit((values) => rotate.mutate(values))}>
      <Stack>
        <Text size="sm">{t("apps.rotateEffect")}</Text>
        <ProblemAlert error={problem} />
        <PasswordField
          label={t("apps.secret")}
          description={t("apps.secretHint")}
          autoComplete="off"
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps("secret")}
        />
        <FormActions send={t("apps.rotate")} pending={rotate.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
