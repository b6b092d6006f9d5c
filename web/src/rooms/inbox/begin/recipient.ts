/** Who a conversation may be begun with: a contact that is known, or a phone number that was typed. */
import type { Schemas } from "@/api/client";

/** With whom. */
export type Recipient = { contact_id: string } | { phone: string };

/** The shortest and the longest that a phone number may be, in digits (E.164; local numbers may be short). */
const DIGITS = { least: 6, most: 15 } as const;

/** The phone number that was typed, as it was typed; `null` where the words are something else. */
export function typedNumber(words: string): string | null {
  const text = words.trim();
  const digits = text.replace(/\D/g, "").length;
  return /^[+(]?[\d\s().\-/]+$/.test(text) && digits >= DIGITS.least && digits <= DIGITS.most ? text : null;
}

/** Whether one of the contacts has the number that was typed, written in whichever way. */
export function isKnown(number: string, contacts: readonly Schemas["Contact"][]): boolean {
  // Without its country code and the nought before it, a number is the end of the whole one.
  const end = number.replace(/\D/g, "").replace(/^0+/, "");
  return contacts.some(({ phone }) => phone?.endsWith(end));
}
