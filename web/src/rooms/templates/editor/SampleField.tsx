/** A sample for the reviewers: a file that is uploaded here and shown to Meta when the template is submitted. */
import { Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Check, FileUp } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { upload } from "@/api/upload";
import { useOrg } from "@/app/session";
import { ProblemAlert } from "@/ui/Problem";
import type { HeaderKind } from "../editing";

const TAKEN: Partial<Record<HeaderKind, string>> = {
  IMAGE: "image/jpeg,image/png",
  VIDEO: "video/mp4,video/3gpp",
  DOCUMENT: "application/pdf",
};

interface SampleFieldProps {
  kind: HeaderKind;
  sample: string;
  error?: ReactNode;
  onChange: (sample: string) => void;
}

export function SampleField({ kind, sample, error, onChange }: SampleFieldProps) {
  const { t } = useTranslation("templates");
  const org = useOrg();
  const send = useMutation({
    mutationFn: (file: File) => upload<{ id: string }>(`/api/v1/orgs/${org}/media`, { method: "POST", file }),
    onSuccess: ({ id }) => onChange(`media:${id}`),
  });
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <FileButton accept={TAKEN[kind]} onChange={(file) => file && send.mutate(file)}>
          {(props) => (
            <Button variant="default" size="sm" leftSection={<FileUp size={16} aria-hidden />} loading={send.isPending} {...props}>
              {t(sample ? "editor.sampleOther" : "editor.sample")}
            </Button>
          )}
        </FileButton>
        {sample && (
          <Text size="sm" c="dimmed">
            <Check size={14} aria-hidden /> {t("editor.sampleKept")}
          </Text>
        )}
      </Group>
      {error && (
        <Text size="xs" c="error">
          {error}
        </Text>
      )}
      <ProblemAlert error={send.error} />
    </Stack>
  );
}
