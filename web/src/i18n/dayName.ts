/** Days as people say them. */

/** A day such as `2026-11-21`, whatever the clock of whoever reads it. */
export function dayName(day: string, language: string, options: Intl.DateTimeFormatOptions = { dateStyle: "medium" }): string {
  return new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}
