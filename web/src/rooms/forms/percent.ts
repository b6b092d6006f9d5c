/** Shares as people read them. */
import { locale } from "@/i18n/languages";

/** `0.3125` → `31.3 %`. */
export function percent(share: number, language: string): string {
  return new Intl.NumberFormat(locale(language), { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** A difference of shares in percentage points, with its sign. */
export function points(difference: number, language: string): string {
  return new Intl.NumberFormat(locale(language), { maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(difference * 100);
}
