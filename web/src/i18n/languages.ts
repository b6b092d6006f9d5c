/** The languages that our pages speak, the dashboard and the phone alike. */

/** The languages that pages are written in. */
export const LANGUAGES = ["en", "id"] as const;

/** A language that pages are written in. */
export type Language = (typeof LANGUAGES)[number];

/** How languages call themselves. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", id: "Bahasa Indonesia" };

/** Whether times can be written so. Browsers pass on what was set by hand, whatever it is. */
function isKnown(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

/** A language as it is used where the browser is at home: `en-GB` writes days and times otherwise than `en`. */
export function locale(language: string): string {
  return navigator.languages.find((wish) => wish.startsWith(language) && isKnown(wish)) ?? language;
}

/** The language chosen here before, else the browser's first that we speak. */
export function preferredLanguage(chosen?: string): Language {
  const wishes = [chosen, ...navigator.languages].map((wish) => wish?.split("-")[0]);
  return wishes.find((wish): wish is Language => LANGUAGES.includes(wish as Language)) ?? "en";
}
