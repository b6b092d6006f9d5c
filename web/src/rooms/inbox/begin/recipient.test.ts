import { expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { isKnown, typedNumber } from "./recipient";

it.each(["+62 812-3456-7890", "0812 3456 7890", "(021) 555 0199", " 6281234567890 "])("takes %s for a phone number", (words) => {
  expect(typedNumber(words)).toBe(words.trim());
});

it.each(["", "Sari", "0812 Sari", "12345", "1234567890123456", "08-12x345678"])("does not take %s for one", (words) => {
  expect(typedNumber(words)).toBeNull();
});

it("knows a number however it is written", () => {
  const contacts = [{ phone: "6281234567890" }, { phone: null }] as Schemas["Contact"][];
  for (const number of ["+62 812 3456 7890", "0812-3456-7890", "81234567890"]) expect(isKnown(number, contacts)).toBe(true);
  expect(isKnown("0812 3456 7891", contacts)).toBe(false);
});
