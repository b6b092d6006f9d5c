/** Sizes and times of the health page, as each language writes them. */

function inUnit(value: number, unit: string, language: string): string {
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits }).format(value);
}

/** Bytes in their largest fitting unit. */
export function inBytes(bytes: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return inUnit(bytes / 1000 ** step, units[step] ?? "byte", language);
}

/** No longer than so many milliseconds; seconds from a thousand on. */
export function inMilliseconds(ms: number, language: string): string {
  return `≤ ${ms < 1000 ? inUnit(ms, "millisecond", language) : inUnit(ms / 1000, "second", language)}`;
}

/** For how long something lasts, in its largest fitting unit. */
export function lasting(seconds: number, language: string): string {
  if (seconds < 90) return inUnit(seconds, "second", language);
  if (seconds < 5400) return inUnit(Math.floor(seconds / 60), "minute", language);
  if (seconds < 172_800) return inUnit(Math.floor(seconds / 3600), "hour", language);
  return inUnit(Math.floor(seconds / 86_400), "day", language);
}
