/** What a sheet says before its owner has worded it, in the language of whoever is to read it. */
import type { Language } from "@/i18n";

/** What a printed code leads to. */
export interface Place {
  /** Whom people see, such as the business. */
  name: string;
  url: string;
  /** What is to be read there, by language, where there are words already. */
  words?: Partial<Record<Language, { heading: string; text: string }>>;
}

export const SCAN: Record<Language, string> = {
  en: "Scan me with your phone's camera",
  id: "Pindai dengan kamera ponsel Anda",
};

const CHAT: Record<Language, string> = {
  en: "Chat with us on WhatsApp",
  id: "Chat dengan kami di WhatsApp",
};

/** The words to begin with. */
export function usual(place: Place, language: Language): { heading: string; text: string } {
  return place.words?.[language] ?? { heading: CHAT[language], text: "" };
}
