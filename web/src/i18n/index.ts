/**
 * The languages of the dashboard. Each room keeps its texts beside its pages (`rooms/<room>/texts/<language>.json`);
 * the room's name is their namespace.
 */
import i18next, { type Resource } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "./languages";

export { LANGUAGE_NAMES, LANGUAGES, preferredLanguage, type Language } from "./languages";

type Texts = Record<string, unknown>;
const files = import.meta.glob<Texts>("../**/texts/*.json", { import: "default" });

/** `../rooms/inbox/texts/en.json` → `["inbox", "en"]`. */
function place(path: string): [namespace: string, language: string] {
  const parts = path.split("/");
  return [parts.at(-3) ?? "", (parts.at(-1) ?? "").replace(".json", "")];
}

async function texts(language: Language): Promise<Texts> {
  const wanted = Object.entries(files).filter(([path]) => place(path)[1] === language);
  return Object.fromEntries(await Promise.all(wanted.map(async ([path, load]) => [place(path)[0], await load()] as const)));
}

/** Starts in a language. */
export async function startTexts(language: Language): Promise<void> {
  const resources: Resource = { [language]: (await texts(language)) as Resource[string] };
  await i18next.use(initReactI18next).init({
    resources,
    lng: language,
    defaultNS: "app",
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/** Changes the language, loading its texts where they are not here yet. */
export async function speak(language: Language): Promise<void> {
  for (const [namespace, bundle] of Object.entries(await texts(language))) {
    i18next.addResourceBundle(language, namespace, bundle);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
