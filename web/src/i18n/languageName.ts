/** What languages are called. */
import { useTranslation } from "react-i18next";

/** A language by its name in another: `en_US` is “Inggris (Amerika Serikat)” to whoever reads Indonesian. A code that none is called by stays. */
export function languageName(code: string, reader: string): string {
  if (code === "") return code;
  try {
    return new Intl.DisplayNames([reader], { type: "language", fallback: "code" }).of(code.replaceAll("_", "-")) ?? code;
  } catch {
    return code;
  }
}

/** The name of a language in that of the pages. */
export function useLanguageName(): (code: string) => string {
  const { i18n } = useTranslation();
  return (code) => languageName(code, i18n.language);
}
