/** Why nothing may be written freely now, in the person's language, and what may be sent instead. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { FileText, Hourglass, LockKeyhole } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { inLanguage } from "../words";
import classes from "./Composer.module.css";

interface BlockedNoteProps {
  verdict: Schemas["SendVerdict"];
  maySend: Schemas["MaySend"];
  onTemplate?: () => void;
}

const TEMPLATES = ["utility_template", "marketing_template", "authentication_template"] as const;

/** Whether any template may be sent. */
export function maySendTemplates(maySend: Schemas["MaySend"]): boolean {
  return TEMPLATES.some((kind) => maySend[kind].verdict !== "refuse");
}

export function BlockedNote({ verdict, maySend, onTemplate }: BlockedNoteProps) {
  const { t, i18n } = useTranslation("inbox");
  const waits = verdict.verdict === "wait";
  return (
    <Alert
      className={classes.note}
      color={waits ? "yellow" : "gray"}
      variant="light"
      icon={waits ? <Hourglass size={18} aria-hidden /> : <LockKeyhole size={18} aria-hidden />}
      title={t(waits ? "blocked.waits" : "blocked.title")}
    >
      <Text size="sm">{inLanguage(verdict.explanation, i18n.language) ?? t("blocked.plain")}</Text>
      {!waits && (
        <Group mt="xs" gap="sm">
          {maySendTemplates(maySend) && onTemplate ? (
            <Button size="sm" leftSection={<FileText size={16} aria-hidden />} onClick={onTemplate}>
              {t("blocked.template")}
            </Button>
          ) : (
            <Text size="sm">{t("blocked.nothing")}</Text>
          )}
        </Group>
      )}
    </Alert>
  );
}

/** For who may read and not write. */
export function ReadOnlyNote() {
  const { t } = useTranslation("inbox");
  return (
    <Alert className={classes.note} color="gray" icon={<LockKeyhole size={18} aria-hidden />}>
      {t("blocked.readOnly")}
    </Alert>
  );
}
