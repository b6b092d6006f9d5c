/** How long files are kept, and what they come to. */
import { NumberInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { bytes } from "@/ui/bytes";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { useChangeOrganisation } from "./queries";

const RULES = ["media_inbound_days", "media_documents_days", "media_outbound_days"] as const;

/** An empty number means: for good. */
const some = (value: number | string) => (value === "" ? null : Number(value));

interface FilesFormProps {
  retention: Schemas["Retention"];
  kept: Schemas["MediaKept"];
  mayWrite: boolean;
}

export function FilesForm({ retention, kept, mayWrite }: FilesFormProps) {
  const { t, i18n } = useTranslation("settings");
  const change = useChangeOrganisation();
  const form = useForm<{ settings: { retention: Record<(typeof RULES)[number], number | string> } }>({
    initialValues: {
      settings: {
        retention: {
          media_inbound_days: retention.media_inbound_days ?? "",
          media_documents_days: retention.media_documents_days ?? "",
          media_outbound_days: retention.media_outbound_days ?? "",
        },
      },
    },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const problem = useProblemInForm(form, change.error);
  const save = ({ settings: { retention: days } }: typeof form.values) =>
    change.mutate(
      {
        settings: {
          retention: {
            media_inbound_days: some(days.media_inbound_days),
            media_documents_days: some(days.media_documents_days),
            media_outbound_days: some(days.media_outbound_days),
          },
        },
      },
      { onSuccess: () => tellDone(t("saved")) },
    );
  return (
    <Section title={t("files.title")} about={t("files.about")}>
      <form onSubmit={form.onSubmit(save)}>
        <Stack>
          <ProblemAlert error={problem} />
          <Text size="sm">
            {t("files.kept", { count: kept.files, bytes: bytes(kept.bytes, i18n.language) })}{" "}
            {t(kept.scanned ? "files.scanned" : "files.notScanned")}
          </Text>
          {RULES.map((rule) => (
            <NumberInput
              key={rule}
              label={t(`files.${rule}`)}
              description={t(rule === "media_outbound_days" ? "files.sentHint" : "files.hint")}
              placeholder={t("files.forGood")}
              min={1}
              max={3650}
              allowDecimal={false}
              allowNegative={false}
              {...form.getInputProps(`settings.retention.${rule}`)}
            />
          ))}
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
