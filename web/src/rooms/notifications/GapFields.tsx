/** What fills a gap of the template. */
import { Button, FileButton, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Check, FileUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { upload } from "@/api/upload";
import { useOrg } from "@/app/session";
import type { Gap } from "@/rooms/inbox/composer/templates";
import type { Field } from "@/rooms/records/queries";
import { ProblemAlert } from "@/ui/Problem";
import type { Filling, Origin } from "./draft";

/** What a header that is a file takes. */
const FILES: Partial<Record<Gap["kind"], string>> = {
  image: "image/jpeg,image/png",
  video: "video/mp4,video/3gpp",
  document: "application/pdf",
};

interface GapProps {
  label: string;
  gap: Gap;
  filling: Filling;
  /** The fields of the records; `null`: it goes to contacts. */
  fields: readonly Field[] | null;
  error?: string;
  onChange: (filling: Filling) => void;
}

/** Where a gap's content comes from, and what stands there where there is none. */
export function GapFields({ label, gap, filling, fields, error, onChange }: GapProps) {
  const { t } = useTranslation("notifications");
  const own = [
    ...(fields ?? []).map((field) => ({ value: `field:${field.key}`, label: field.label })),
    ...(fields ? [{ value: "external_id", label: t("origin.external_id") }] : []),
  ];
  const takes = FILES[gap.kind];
  const choices = [
    ...(takes ? [{ value: "file", label: t("origin.file") }] : []),
    { value: "contact_name", label: t("origin.contact_name") },
    { value: "contact_phone", label: t("origin.contact_phone") },
    ...own,
    { value: "text", label: t(takes ? "origin.link" : "origin.text") },
    { value: "given", label: t("origin.given") },
  ];
  const needsText = filling.origin === "text" || filling.origin === "given";
  return (
    <Group align="flex-start" grow preventGrowOverflow={false}>
      <Select
        label={label}
        data={choices}
        value={filling.origin}
        error={error}
        onChange={(value) => value && onChange({ ...filling, origin: value as Origin })}
        allowDeselect={false}
      />
      {filling.origin === "file" && takes && (
        <FileField takes={takes} kept={filling.text !== ""} onChange={(id) => onChange({ ...filling, text: id })} />
      )}
      {needsText && (
        <TextInput
          label={t(filling.origin === "given" ? "givenName" : takes ? "link" : "origin.text")}
          value={filling.text}
          onChange={(event) => onChange({ ...filling, text: event.currentTarget.value })}
        />
      )}
      {filling.origin !== "text" && filling.origin !== "file" && (
        <TextInput label={t("otherwise")} value={filling.otherwise} onChange={(event) => onChange({ ...filling, otherwise: event.currentTarget.value })} />
      )}
    </Group>
  );
}

/** A file for the header: uploaded here, and to WhatsApp as the first message goes. */
function FileField({ takes, kept, onChange }: { takes: string; kept: boolean; onChange: (id: string) => void }) {
  const { t } = useTranslation("notifications");
  const org = useOrg();
  const send = useMutation({
    mutationFn: (file: File) => upload<{ id: string }>(`/api/v1/orgs/${org}/media`, { method: "POST", file }),
    onSuccess: ({ id }) => onChange(id),
  });
  return (
    <Stack gap={4} pt={24}>
      <Group gap="xs">
        <FileButton accept={takes} onChange={(file) => file && send.mutate(file)}>
          {(props) => (
            <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} loading={send.isPending} {...props}>
              {t(kept ? "file.other" : "file.choose")}
            </Button>
          )}
        </FileButton>
        {kept && (
          <Text size="sm" c="dimmed">
            <Check size={14} aria-hidden /> {t("file.kept")}
          </Text>
        )}
      </Group>
      <ProblemAlert error={send.error} />
    </Stack>
  );
}
