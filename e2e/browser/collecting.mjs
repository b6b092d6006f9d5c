// Something that customers can agree to: a form of an organisation, its words, and a link.
import { api } from "./stage.mjs";

/** What a form says, in both languages. */
export function wording(business) {
  return {
    business,
    privacy_url: "https://kopi.example/privacy",
    purposes: ["utility", "marketing"],
    en: {
      title: "News from the roastery",
      intro: "Fresh roasts every Friday, and word of them before anybody else.",
      utility: `${business} may send me messages about my orders on WhatsApp.`,
      marketing: `${business} may send me offers and news on WhatsApp.`,
      footer: "You can take this back at any time: reply STOP.",
      button: "Sign me up",
      thanks: "Thank you! The next roast is announced on Friday.",
    },
    id: {
      title: "Kabar dari rumah sangrai",
      intro: "Kopi segar setiap Jumat, dan Anda yang pertama tahu.",
      utility: `${business} boleh mengirimi saya pesan tentang pesanan saya lewat WhatsApp.`,
      marketing: `${business} boleh mengirimi saya promo dan kabar lewat WhatsApp.`,
      footer: "Anda dapat membatalkannya kapan saja: balas BERHENTI.",
      button: "Daftarkan saya",
      thanks: "Terima kasih! Kopi berikutnya diumumkan hari Jumat.",
    },
  };
}

/** A form that is confirmed on WhatsApp and may stand on a site; with a link beside it. */
export async function somethingToAgreeTo(of, site) {
  const [number] = (await api(of, "GET", "numbers")).items;
  const { name } = await api(of, "GET", "");
  const form = await api(of, "POST", "forms", {
    name: "Di kasir",
    number_id: number.id,
    double_opt_in: "whatsapp",
    settings: { color: "#8a4b16", origins: [site] },
  });
  await api(of, "POST", `forms/${form.id}/versions`, { wording: wording(name) });
  await api(of, "POST", "chat-links", {
    name: "Poster di pintu",
    number_id: number.id,
    text: "Halo, saya mau pesan kopi.",
    wording: `Dengan mengirim pesan ini saya setuju ${name} mengirimi saya promo.`,
    purposes: ["marketing"],
  });
  return form;
}
