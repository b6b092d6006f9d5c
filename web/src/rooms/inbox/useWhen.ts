/** When something was, as people say it: the time of today, yesterday, a weekday, a date. */
import { useTranslation } from "react-i18next";
import { locale } from "@/i18n/languages";
import { date } from "@/ui/Time";

const DAY_MS = 24 * 3600 * 1000;

/** How many midnights lie between a moment and now. */
function daysAgo(moment: Date, now: Date): number {
  const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  return Math.round((midnight(now) - midnight(moment)) / DAY_MS);
}

/** Says the day of a moment in full: `Today`, `Yesterday`, `Monday`, `12 March 2026`. */
export function useDay(): (micros: number) => string {
  const { t, i18n } = useTranslation("inbox");
  return (micros) => {
    const moment = date(micros);
    const days = daysAgo(moment, new Date());
    if (days === 0) return t("day.today");
    if (days === 1) return t("day.yesterday");
    const options: Intl.DateTimeFormatOptions = days < 7 && days > 0 ? { weekday: "long" } : { dateStyle: "long" };
    return new Intl.DateTimeFormat(locale(i18n.language), options).format(moment);
  };
}

/** Says a moment as short as may be: the time today, `Yesterday`, a weekday, a date. */
export function useWhen(): (micros: number) => string {
  const { t, i18n } = useTranslation("inbox");
  return (micros) => {
    const moment = date(micros);
    const days = daysAgo(moment, new Date());
    if (days === 1) return t("day.yesterday");
    const options: Intl.DateTimeFormatOptions =
      days <= 0 ? { timeStyle: "short" } : days < 7 ? { weekday: "short" } : { dateStyle: "short" };
    return new Intl.DateTimeFormat(locale(i18n.language), options).format(moment);
  };
}
