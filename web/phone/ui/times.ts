/** Times as a phone shows them. */
import { locale } from "@/i18n/languages";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const dayOf = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** `10:32`. */
export function clockTime(at: number, language: string): string {
  return new Intl.DateTimeFormat(locale(language), { timeStyle: "short" }).format(at);
}

/** Today, yesterday, the weekday within a week, else the date. */
export function dayName(at: number, now: number, language: string): string {
  const days = Math.round((dayOf(now) - dayOf(at)) / DAY);
  if (days >= 0 && days <= 1) {
    const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
    return words.charAt(0).toLocaleUpperCase(language) + words.slice(1);
  }
  const near = days > 1 && days < 7;
  return new Intl.DateTimeFormat(locale(language), near ? { weekday: "long" } : { dateStyle: "long" }).format(at);
}

/** Whether two times are on different days. */
export function otherDay(one: number, other: number): boolean {
  return dayOf(one) !== dayOf(other);
}

/** The time today, else the day, short: for a list of chats. */
export function shortTime(at: number, now: number, language: string): string {
  if (!otherDay(at, now)) return clockTime(at, language);
  const days = Math.round((dayOf(now) - dayOf(at)) / DAY);
  if (days >= 1 && days < 7) return dayName(at, now, language);
  return new Intl.DateTimeFormat(locale(language), { dateStyle: "short" }).format(at);
}

/** `23 h 59 min`, `5 min`, `40 sec`. */
export function span(ms: number, language: string): string {
  const unit = (value: number, name: "day" | "hour" | "minute" | "second") =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const left = Math.abs(ms);
  if (left >= DAY) return [unit(Math.floor(left / DAY), "day"), unit(Math.floor((left % DAY) / HOUR), "hour")].join(" ");
  if (left >= HOUR) {
    return [unit(Math.floor(left / HOUR), "hour"), unit(Math.floor((left % HOUR) / MINUTE), "minute")].join(" ");
  }
  return left >= MINUTE ? unit(Math.floor(left / MINUTE), "minute") : unit(Math.ceil(left / 1000), "second");
}

/** `1:07`, of a recording. */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
