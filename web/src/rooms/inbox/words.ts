/** Sentences that the server writes in both languages. */
import { useTranslation } from "react-i18next";

/** The sentence in the language of the page, nothing where the value holds none. */
export function inLanguage(value: unknown, language: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const words = value as Record<string, unknown>;
  const said = words[language] ?? words.en;
  return typeof said === "string" ? said : null;
}

/** Why something went nowhere: what is wrong, and what may be done. */
export interface Trouble {
  title: string | null;
  action: string | null;
  code: string | null;
}

/** Reads the problem of a message or file in the language of the page. */
export function useTrouble(): (problem: unknown) => Trouble {
  const { i18n } = useTranslation();
  return (problem) => {
    const { title, action, code } = (problem ?? {}) as Record<string, unknown>;
    return {
      title: inLanguage(title, i18n.language),
      action: inLanguage(action, i18n.language),
      code: typeof code === "string" ? code : null,
    };
  };
}
