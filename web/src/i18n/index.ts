/**
 * The languages of the dashboard. Each room keeps its texts beside its pages (`rooms/<room>/texts/<language>.json`);
 * the room's name is their namespace. A room's texts are read when the room is entered.
 */
import i18next, { type BackendModule, type ResourceKey, type TypeOptions } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "./languages";

export { LANGUAGE_NAMES, LANGUAGES, preferredLanguage, type Language } from "./languages";

/** A room's name. */
type Namespace = keyof TypeOptions["resources"];

const files = import.meta.glob<ResourceKey>("../**/texts/*.json", { import: "default" });

/** `("inbox", "en")` → the file of the room's texts. */
const load = Object.fromEntries(
  Object.entries(files).map(([path, read]) => {
    const [room = "", , language = ""] = path.replace(".json", "").split("/").slice(-3);
    return [`${room} ${language}`, read];
  }),
);

/** Reads the texts of a room in a language when they are asked for. */
const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language, room, done) => {
    const read = load[`${room} ${language}`];
    if (!read) done(`There are no texts of ${room} in ${language}.`, false);
    else read().then((texts) => done(null, texts), (error: unknown) => done(error as Error, false));
  },
};

/** Starts in a language, with the texts that stand around every page. */
export async function startTexts(language: Language): Promise<void> {
  await i18next.use(backend).use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: ["app"],
    defaultNS: "app",
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/**
 * Loads a page together with the texts of its rooms. Texts that are missing here come when a part asks for them: until
 * then the page waits.
 */
export function withTexts<Page>(rooms: Namespace[], page: () => Promise<Page>): () => Promise<Page> {
  return async () => {
    const [loaded] = await Promise.all([page(), i18next.loadNamespaces(rooms)]);
    return loaded;
  };
}

/** Changes the language; the texts that are shown are read in it first. */
export async function speak(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
