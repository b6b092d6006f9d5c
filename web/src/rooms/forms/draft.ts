/** Words to begin with: what a form may say before its owner has written anything. */
import type { Language } from "@/i18n";
import type { FormWording, FormWords } from "./queries";

const WORDS: Record<Language, (business: string) => FormWords> = {
  en: (business) => ({
    title: "News on WhatsApp",
    intro: "",
    utility: `${business} may send me messages about my orders and appointments on WhatsApp.`,
    marketing: `${business} may send me offers and news on WhatsApp.`,
    footer: "You can take this back at any time: reply STOP.",
    button: "Sign me up",
    thanks: `Thank you! ${business} will be in touch on WhatsApp.`,
  }),
  id: (business) => ({
    title: "Kabar lewat WhatsApp",
    intro: "",
    utility: `${business} boleh mengirimi saya pesan tentang pesanan dan janji temu lewat WhatsApp.`,
    marketing: `${business} boleh mengirimi saya promo dan kabar terbaru lewat WhatsApp.`,
    footer: "Anda dapat membatalkannya kapan saja: balas BERHENTI.",
    button: "Daftarkan saya",
    thanks: `Terima kasih! ${business} akan mengabari Anda lewat WhatsApp.`,
  }),
};

/** The words of a language, naming a business. */
export function firstWords(language: Language, business: string): FormWords {
  return WORDS[language](business);
}

/** A whole wording in the organisation's language. */
export function firstWording(language: Language, business: string): FormWording {
  return {
    business,
    privacy_url: "",
    purposes: ["utility", "marketing"],
    channels: ["whatsapp"],
    en: language === "en" ? firstWords("en", business) : null,
    id: language === "id" ? firstWords("id", business) : null,
  };
}
