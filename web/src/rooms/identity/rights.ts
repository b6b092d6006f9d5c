/** Rights by what they are about, as people choose them for keys. */
import type { Right } from "@/app/session";

export const RIGHT_GROUPS = [
  ["inbox", ["inbox.read", "inbox.write"]],
  ["knowledge", ["knowledge.read", "knowledge.write"]],
  ["consent", ["consent.write"]],
  ["records", ["records.read", "records.write", "notifications.write"]],
  ["connections", ["connections.read", "connections.write"]],
  ["members", ["members.read", "members.write"]],
  ["organisation", ["settings.write", "audit.read"]],
] as const satisfies readonly (readonly [string, readonly Right[]])[];

/** Whether nothing is left out. */
export function hasAll(rights: readonly Right[]): boolean {
  return RIGHT_GROUPS.every(([, group]) => group.every((right) => rights.includes(right)));
}

/** Days until a key ends, as they are offered; none is for ever. */
export const EXPIRIES = ["30", "90", "365", "never"] as const;

/** A choice as a moment of the server, in microseconds. */
export function expiry(days: string, now: number): number | undefined {
  return days === "never" ? undefined : (now + Number(days) * 86_400_000) * 1000;
}
