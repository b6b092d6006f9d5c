/** Moments as people say them. The server counts microseconds. */
import { useTranslation } from "react-i18next";
import { locale } from "@/i18n/languages";
import { zoneName } from "@/i18n/zoneName";

/** A moment of the server as a `Date`. */
export function date(micros: number): Date {
  return new Date(micros / 1000);
}

interface TimeProps {
  at: number;
  format?: "medium" | "short" | "day";
  /** The time zone of the rule that the time belongs to: it is told by that clock, which is named. Otherwise by the browser's. */
  zone?: string;
}

/** A moment as `<time>`, in full on hovering. */
export function Time({ at, format = "medium", zone }: TimeProps) {
  const { i18n } = useTranslation();
  const moment = date(at);
  const options: Intl.DateTimeFormatOptions =
    format === "day"
      ? { dateStyle: "medium" }
      : format === "short"
        ? { timeStyle: "short" }
        : { dateStyle: "medium", timeStyle: "short" };
  const said = (how: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale(i18n.language), { ...how, timeZone: zone }).format(moment);
  return (
    <time dateTime={moment.toISOString()} title={said({ dateStyle: "full", timeStyle: "medium" })}>
      {said(options)}
      {zone && ` ${zoneName(zone, i18n.language, moment)}`}
    </time>
  );
}
