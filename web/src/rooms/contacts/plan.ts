/** What the columns of a file may be. */
import type { ImportField } from "./queries";

/** In the order in which they are offered. */
export const FIELDS = [
  "phone",
  "name",
  "email",
  "language",
  "timezone",
  "labels",
  "consent_utility",
  "consent_marketing",
  "consent_authentication",
  "consent_channel",
  "consent_at",
  "consent_how",
  "consent_wording",
] as const satisfies readonly ImportField[];

/** Makes a column what it is said to be; another that was the same is nothing any more. */
export function given<Field extends string>(columns: readonly (Field | null)[], place: number, field: Field | null): (Field | null)[] {
  return columns.map((column, at) => {
    if (at === place) return field;
    return column === field ? null : column;
  });
}
