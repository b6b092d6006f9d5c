/** Moments as people say them. The server counts microseconds. */
import { useTranslation } from "react-i18next";
import { locale } from "@/i18n/languages";

/** A moment of the server as a `Date`. */
export function date(micros: number): Date {
  return new Date(micros / 1000);
}

/** A moment as `<time>`, in full on hovering. */
export function Time({ at, format = "medium" }: { at: number; format?: "medium" | "short" | "day" }) {
  const { i18n } = useTranslation();
  const moment = date(at);
  const options: Intl.DateTimeFormatOptions =
    format === "day"
      ? { dateStyle: "medium" }
      : format === "short"
        ? { timeStyle: "short" }
        : { dateStyle: "medium", timeStyle: "short" };
  const full = new Intl.DateTimeFormat(locale(i18n.language), { dateStyle: "full", timeStyle: "medium" }).format(moment);
  return (
    <time dateTime={moment.toISOString()} title={full}>
      {new Intl.DateTimeFormat(locale(i18n.language), options).format(moment)}
    </time>
  );
}
