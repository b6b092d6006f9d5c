/** What stands in a record, as people read and write it. */
import { locale } from "@/i18n/languages";
import type { Field } from "./queries";

/** A value in words; nothing where there is none. */
export function shown(field: Field | undefined, value: unknown, language: string): string {
  if (value === undefined || value === null) return "";
  if (field?.kind === "date" && typeof value === "string") {
    const day = new Date(`${value}T00:00:00Z`);
    return Number.isNaN(day.getTime())
      ? value
      : new Intl.DateTimeFormat(locale(language), { dateStyle: "long", timeZone: "UTC" }).format(day);
  }
  if (field?.kind === "money" && typeof value === "number") {
    return new Intl.NumberFormat(locale(language), { style: "currency", currency: field.currency ?? "IDR", minimumFractionDigits: 0 }).format(value);
  }
  if (typeof value === "number") return new Intl.NumberFormat(locale(language)).format(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed as the value of a field; `undefined`: nothing was. `null`: it does not read as one. */
export function typed(field: Field, text: string): unknown {
  const plain = text.trim();
  if (plain === "") return undefined;
  if (field.kind !== "number" && field.kind !== "money") return plain;
  const number = Number(plain.replace(/[^\d.-]/g, ""));
  return Number.isFinite(number) ? number : null;
}
