/** Meta's languages, to be chosen from. */
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { languageName } from "@/i18n/languageName";

/** By their names in the language of the pages, in its order. */
export function useLanguageChoices(languages: readonly Schemas["TemplateLanguage"][]): { value: string; label: string }[] {
  const { i18n } = useTranslation();
  return languages
    .map(({ code }) => ({ value: code, label: `${languageName(code, i18n.language)} (${code})` }))
    .sort((one, other) => one.label.localeCompare(other.label, i18n.language));
}
