/** What is kept when two contacts turn out to be one person, as the server does it. */
import type { ContactDetail } from "./queries";

const FIELDS = ["name", "phone", "email", "username", "language", "timezone"] as const;

/** What the one contact will say: what stays goes first, the other fills in. */
export function kept(staying: ContactDetail, going: ContactDetail): { field: (typeof FIELDS)[number] | "labels"; value: string }[] {
  const told = FIELDS.flatMap((field) => {
    // An empty name is none.
    const value = [staying[field], going[field]].find(Boolean);
    if (!value) return [];
    return [{ field, value: field === "phone" ? `+${value}` : value }];
  });
  const labels = [...new Set([...staying.labels, ...going.labels])];
  return labels.length > 0 ? [...told, { field: "labels" as const, value: labels.join(", ") }] : told;
}

/** Whether somebody has refused anything, which then holds for both. */
export function refuses({ consent }: ContactDetail): boolean {
  return Boolean(consent.stopped_by) || [consent.utility, consent.marketing, consent.authentication].some(({ standing }) => standing === "opted_out");
}
