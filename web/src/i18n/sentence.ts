/** Sentences that the server says in every language. */
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

/** Picks the one in the language of the pages. */
export function useSay(): (sentence: Schemas["Sentence"]) => string {
  const { i18n } = useTranslation();
  return (sentence) => (i18n.language === "id" ? sentence.id : sentence.en);
}
