/** Putting a conversation out of sight until a better moment, or back into sight. */
import { Menu } from "@mantine/core";
import { AlarmClock, AlarmClockOff, CalendarClock } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { locale } from "@/i18n/languages";
import { date } from "@/ui/Time";
import { snoozeChoices } from "./snooze";

interface SnoozeItemsProps {
  isSnoozed: boolean;
  onSnooze: (until: number | null) => void;
  /** Asks for a moment of one's own. */
  onChoose: () => void;
}

export function SnoozeItems({ isSnoozed, onSnooze, onChoose }: SnoozeItemsProps) {
  const { t, i18n } = useTranslation("inbox");
  // The menu is drawn anew each time that it opens.
  const [choices] = useState(() => snoozeChoices(new Date()));
  const moment = new Intl.DateTimeFormat(locale(i18n.language), { weekday: "short", hour: "numeric", minute: "2-digit" });
  if (isSnoozed) {
    return (
      <Menu.Item leftSection={<AlarmClockOff size={15} aria-hidden />} onClick={() => onSnooze(null)}>
        {t("snooze.wake")}
      </Menu.Item>
    );
  }
  return (
    <>
      <Menu.Label>{t("snooze.title")}</Menu.Label>
      {choices.map(({ name, until }) => (
        <Menu.Item key={name} leftSection={<AlarmClock size={15} aria-hidden />} onClick={() => onSnooze(until)}>
          {t(`snooze.${name}`, { moment: moment.format(date(until)) })}
        </Menu.Item>
      ))}
      <Menu.Item leftSection={<CalendarClock size={15} aria-hidden />} onClick={onChoose}>
        {t("snooze.choose")}
      </Menu.Item>
    </>
  );
}
