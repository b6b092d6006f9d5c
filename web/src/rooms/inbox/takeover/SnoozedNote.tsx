/** Says that a conversation is out of sight, and until when. */
import { Button, Group, Text } from "@mantine/core";
import { AlarmClock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { locale } from "@/i18n/languages";
import { date } from "@/ui/Time";
import type { Conversation } from "../places";
import classes from "./Answering.module.css";
import { useChange } from "./changes";

export function SnoozedNote({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation("inbox");
  const may = useMay()("inbox.write");
  const change = useChange(conversation);
  const until = conversation.snoozed_until;
  if (!until) return null;
  const moment = new Intl.DateTimeFormat(locale(i18n.language), { dateStyle: "medium", timeStyle: "short" }).format(date(until));
  return (
    <Group className={classes.bar} gap="xs">
      <AlarmClock size={16} aria-hidden className={classes.icon} />
      <Text size="sm" className={classes.words}>
        {t("snooze.until", { moment })}
      </Text>
      {may && (
        <Button size="compact-sm" variant="default" onClick={() => change.mutate({ what: "snooze", until: null })}>
          {t("snooze.wake")}
        </Button>
      )}
    </Group>
  );
}
