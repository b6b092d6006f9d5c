/** A link with which a client connects WhatsApp without an account. */
import { Button, NumberInput, Select, Stack, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useIntention } from "@/api/intention";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { Secret } from "@/ui/Secret";
import { appsQuery } from "./queries";

const MODES = ["tech_provider", "solution_partner", "multi_partner_solution", "direct"] as const;

export function ConnectLink({ org, onDone }: { org: string; onDone: () => void }) {
  const { t } = useTranslation("operator");
  const { data: apps } = useSuspenseQuery(appsQuery);
  const once = useIntention();
  const form = useForm<Schemas["ConnectInviteRequest"]>({
    initialValues: { app_id: apps[0]?.id, mode: "tech_provider", note: "", days: 7 },
  });
  const make = useMutation({
    mutationFn: (body: Schemas["ConnectInviteRequest"]) =>
      answer(
        api.POST("/api/v1/operator/orgs/{org}/connect-invites", { params: { path: { org }, header: once(body) }, body }),
      ),
  });
  const problem = useProblemInForm(form, make.error);
  if (make.data) {
    return (
      <Stack>
        <Secret label={t("link.link")} value={make.data.link} />
        <Button onClick={onDone}>{t("done", { ns: "app" })}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack>
        <ProblemAlert error={problem} />
        <Select
          label={t("link.app")}
          data={apps.map((app) => ({ value: app.id, label: app.name }))}
          allowDeselect={false}
          {...form.getInputProps("app_id")}
        />
        <Select
          label={t("link.mode")}
          data={MODES.map((value) => ({ value, label: t(`mode.${value}`) }))}
          allowDeselect={false}
          {...form.getInputProps("mode")}
        />
        <Textarea label={t("link.note")} description={t("link.noteHint")} autosize maxLength={300} {...form.getInputProps("note")} />
        <NumberInput label={t("link.days")} min={1} max={30} allowDecimal={false} required withAsterisk={false} {...form.getInputProps("days")} />
        <FormActions send={t("link.make")} pending={make.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
