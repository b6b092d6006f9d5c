/** Countries and time zones, named in a language. */

/** Codes that name no country although the tables of names know them. */
const NO_COUNTRIES = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]);

const LETTERS = Array.from({ length: 26 }, (_, place) => String.fromCharCode(65 + place));

/** Something to choose. */
interface Choice {
  value: string;
  label: string;
}

/** Every country, in the order of the language. */
export function countries(locale: string): Choice[] {
  const names = new Intl.DisplayNames(locale, { type: "region", fallback: "none" });
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  return codes
    .filter((code) => !NO_COUNTRIES.has(code) && new Intl.Locale(`und-${code}`).region === code)
    .flatMap((value) => {
      const label = names.of(value);
      return label ? [{ value, label }] : [];
    })
    .sort((one, other) => one.label.localeCompare(other.label, locale));
}

/** Every time zone with its present distance from UTC; one that the browser does not list is added. */
export function timeZones(locale: string, present: string): Choice[] {
  const zones = new Set([...Intl.supportedValuesOf("timeZone"), "UTC", ...(present ? [present] : [])]);
  return [...zones].sort().map((value) => ({ value, label: `${value.replaceAll("_", " ")} (${offset(value, locale)})` }));
}

function offset(timeZone: string, locale: string): string {
  try {
    const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "shortOffset" }).formatToParts();
    return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  } catch {
    return "?";
  }
}
