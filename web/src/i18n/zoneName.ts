/** What clocks are called. */

/** A time zone as people say it beside a time: `WIB`, `GMT+7`. Of one that the browser does not know, its own name. */
export function zoneName(timeZone: string | undefined, language: string, at = new Date()): string {
  try {
    const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: "short" }).formatToParts(at);
    return parts.find((part) => part.type === "timeZoneName")?.value ?? timeZone ?? "";
  } catch {
    return timeZone ?? "";
  }
}
