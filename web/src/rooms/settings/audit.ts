/** Who did what, in words. */
import type { Schemas } from "@/api/client";

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

/** What the sentence of an action may name: the plain words among its details. */
export function told(entry: Schemas["Audit"], names: ReadonlyMap<string, string>, somebody: string): Record<string, string> {
  const details = entry.details as Record<string, unknown>;
  const words = Object.entries(details).flatMap(([key, value]) =>
    typeof value === "string" || typeof value === "number" ? [[key, String(value)] as const] : [],
  );
  return { target: names.get(entry.target) ?? somebody, ...Object.fromEntries(words) };
}

/** Whether there is more to an entry than its sentence says. */
export function hasMore(entry: Schemas["Audit"]): boolean {
  return Object.keys(entry.details).length > 0;
}
