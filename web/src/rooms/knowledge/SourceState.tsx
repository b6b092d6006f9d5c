/** Where a source stands, and what is to be known about it. */
import { Alert, Badge, Loader } from "@mantine/core";
import { CircleAlert, CircleCheck, Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSay } from "@/i18n/sentence";
import type { Source } from "./queries";

export function SourceState({ state }: { state: Source["state"] }) {
  const { t } = useTranslation("knowledge");
  const looks = {
    pending: { color: "gray", icon: <Loader size={12} color="gray" aria-hidden /> },
    ready: { color: "sapa", icon: <CircleCheck size={14} aria-hidden /> },
    failed: { color: "red", icon: <CircleAlert size={14} aria-hidden /> },
  } as const;
  const { color, icon } = looks[state];
  return (
    <Badge variant="light" color={color} leftSection={icon} fw={600}>
      {t(`state.${state}`)}
    </Badge>
  );
}

/** Why it could not be read, and what was left out. Nothing where all is well. */
export function SourceNotes({ source }: { source: Source }) {
  const say = useSay();
  return (
    <>
      {source.problem && (
        <Alert color="red" variant="light" icon={<CircleAlert size={18} aria-hidden />} p="sm">
          {say(source.problem.detail)}
        </Alert>
      )}
      {source.warnings.map((warning) => (
        <Alert key={warning.code} color="yellow" variant="light" icon={<Info size={18} aria-hidden />} p="sm" mt="xs">
          {say(warning.detail)}
        </Alert>
      ))}
    </>
  );
}
