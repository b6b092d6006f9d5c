/** How people and businesses are called. */
import type { Person } from "../api/types";

/** A phone number as people write it, as far as one can without knowing its country's habits. */
export function phoneNumber(digits: string): string {
  const long = /^(1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d+)$/.exec(digits);
  const [, code, rest] = long ?? [];
  if (!code || !rest) return `+${digits}`;
  return `+${code} ${rest.replace(/\B(?=(\d{4})+$)/g, " ")}`;
}

/** What a business sees of somebody: the phone number, or the username alone. */
export function shownAs(person: Person): string {
  if (!person.username) return phoneNumber(person.phone);
  return person.shares_phone ? `@${person.username} · ${phoneNumber(person.phone)}` : `@${person.username}`;
}

/** The flag of a country. */
export function flag(country: string): string {
  if (!/^[A-Z]{2}$/.test(country)) return "";
  return String.fromCodePoint(...[0, 1].map((at) => 0x1f1a5 + country.charCodeAt(at)));
}
