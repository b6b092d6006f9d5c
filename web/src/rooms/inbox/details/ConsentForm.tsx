/** Recording a yes or no that a customer gave elsewhere, with what proves it. */
import { Button, Group, SegmentedControl, Select, Stack, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";

export function ConsentForm({ contact, onDone }: { contact: string; onDone: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const queries = useQueryClient();
  const form = useForm<{ action: Schemas["ConsentAction"]; purpose: Schemas["Purpose"]; note: string }>({
    initialValues: { action: "opt_in", purpose: "marketing", note: "" },
    validate: { note: (note) => (note.trim() ? null : t("consent.noteNeeded")) },
  });
  const record = useMutation({
    mutationFn: (body: Schemas["NewConsentEvent"]) =>
      answer(
        api.POST("/api/v1/orgs/{org}/contacts/{contact}/consent", {
          params: { path: { org, contact } },
          body,
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["org", org, "contact", contact] });
      await queries.invalidateQueries({ queryKey: ["org", org, "consent", contact] });
      // What may be sent has changed with it.
      await queries.invalidateQueries({ queryKey: ["org", org, "conversation"] });
      onDone();
    },
  });
  const said = useProblemInForm(form, record.error);
  const purposes = (["utility", "marketing", "authentication"] as const).map((value) => ({ value, label: t(`consent.purpose.${value}`) }));
  return (
    <form onSubmit={form.onSubmit((values) => record.mutate(values))}>
      <Stack gap="xs">
        <ProblemAlert error={said} />
        <SegmentedControl
          aria-label={t("consent.record")}
          data={[
            { value: "opt_in", label: t("consent.standing.opted_in") },
            { value: "opt_out", label: t("consent.standing.opted_out") },
          ]}
          {...form.getInputProps("action")}
        />
        <Select size="sm" label={t("consent.for")} data={purposes} allowDeselect={false} {...form.getInputProps("purpose")} />
        <Textarea size="sm" label={t("consent.note")} description={t("consent.noteHint")} autosize minRows={2} {...form.getInputProps("note")} />
        <Group gap="xs">
          <Button size="compact-sm" type="submit" loading={record.isPending}>
            {t("save")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onDone}>
            {t("cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
