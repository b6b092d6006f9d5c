/** Who did what, in words. */
import type { Schemas } from "@/api/client";

/** Which entries are shown. */
export interface AuditFilter {
  actor?: string;
  action?: string;
  /** The id of what it was done to. */
  target?: string;
  /** In microseconds, as the server counts. */
  since?: number;
  until?: number;
}

/** What was done can be narrowed to one of these. */
export const NOUNS = ["contact", "import", "consent", "conversation", "member", "key", "organisation", "source", "connection", "suppression", "retention"] as const;

/** The moment at which a day begins where the reader is; with `after`, so many days later. */
export function beginningOf(day: string, after = 0): number | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + after).getTime() * 1000;
}

/** The kinds of actors, and who they are by name. */
export interface Actor {
  kind: "member" | "key" | "person" | "operator" | "operator-key" | "system";
  name?: string;
}

const KINDS: readonly Actor["kind"][] = ["member", "key", "person", "operator", "operator-key", "system"];

/** `member:01…` → who that is, as far as `names` knows. */
export function actorOf(actor: string, names: ReadonlyMap<string, string>): Actor {
  const [word = "", id = ""] = actor.split(":");
  const kind = KINDS.find((one) => one === word) ?? "system";
  return { kind, name: names.get(id) };
}

/** Stands where a sentence names what an entry does not hold. */
const UNKNOWN = "…";

/** What the sentence of an action may name: the plain words among its details, people and things by their names. */
export function told(entry: Schemas["Audit"], names: ReadonlyMap<string, string>, somebody: string): Record<string, string> {
  const details = entry.details as Record<string, unknown>;
  const words = Object.entries(details).flatMap(([key, value]) =>
    typeof value === "string" || typeof value === "number" ? [[key, names.get(String(value)) ?? String(value)] as const] : [],
  );
  const target = names.get(entry.target) ?? somebody;
  return { target, name: names.get(entry.target) ?? UNKNOWN, title: UNKNOWN, email: somebody, ...Object.fromEntries(words) };
}

/** What an action came to, for which its sentence may have a form of its own. */
export function outcome(entry: Schemas["Audit"]): string | undefined {
  const { after } = entry.details as { after?: unknown };
  if (after === null) return "nobody";
  if (typeof after === "string" && entry.actor === `member:${after}`) return "self";
  return typeof after === "string" || typeof after === "boolean" ? String(after) : undefined;
}

/** Whether there is more to an entry than its sentence says. */
export function hasMore(entry: Schemas["Audit"]): boolean {
  return Object.keys(entry.details).length > 0;
}
