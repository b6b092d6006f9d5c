/** Numbers as people give them, and links such as `https://wa.me/622155500111?text=Halo`, which QR codes hold. */
import type { Business } from "../api/types";

/** The number and text that a link or a typed number gives. */
export function dialled(given: string): { number: string; text?: string | undefined } {
  const typed = given.trim();
  if (/^[a-z]+:/i.test(typed) && URL.canParse(typed)) {
    const { pathname, searchParams } = new URL(typed);
    const number = searchParams.get("phone") ?? searchParams.get("to") ?? pathname.split("/").at(-1) ?? "";
    return { number: number.replace(/\D/g, ""), text: searchParams.get("text") ?? undefined };
  }
  return { number: typed.replace(/\D/g, "") };
}

/** The business with this id or phone number. */
export function named(businesses: readonly Business[], name: string): Business | undefined {
  const digits = name.replace(/\D/g, "");
  return businesses.find((one) => one.id === name) ?? businesses.find((one) => one.phone === digits && digits !== "");
}
