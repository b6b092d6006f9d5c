/** The phone's texts (`texts/<language>.json`); each language is loaded where it is spoken. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "@/i18n/languages";

const load: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./texts/en.json"),
  id: () => import("./texts/id.json"),
};

/** Starts in a language. */
export async function startTexts(language: Language): Promise<void> {
  const phone = (await load[language]()).default;
  await i18next.use(initReactI18next).init({
    resources: { [language]: { phone } },
    lng: language,
    defaultNS: "phone",
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/** Changes the language. */
export async function speak(language: Language): Promise<void> {
  i18next.addResourceBundle(language, "phone", (await load[language]()).default);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
