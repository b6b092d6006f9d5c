/** How long ago something was, in words: `5 minutes ago`, `kemarin`. */
import { useTranslation } from "react-i18next";
import { date } from "./Time";
import { useNow } from "./useNow";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Seconds as the largest unit that they fill. */
export function inUnits(seconds: number): [count: number, unit: "day" | "hour" | "minute" | "second"] {
  const fits = UNITS.find(([, size]) => seconds >= size);
  return fits ? [Math.floor(seconds / fits[1]), fits[0]] : [0, "second"];
}

/** Says the age of a moment of the server. */
export function useAge(): (micros: number) => string {
  const { t, i18n } = useTranslation();
  const now = useNow();
  return (micros) => {
    const [count, unit] = inUnits((now - date(micros).getTime()) / 1000);
    if (count === 0) return t("justNow");
    return new Intl.RelativeTimeFormat(i18n.language, { numeric: "auto" }).format(-count, unit);
  };
}
