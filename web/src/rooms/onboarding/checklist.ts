/** A readiness checklist in groups: what concerns everything, then each account, whose names may be the same. */
import type { Schemas } from "@/api/client";

/** An item of a checklist. */
export type Item = Schemas["ReadinessItem"];

/** Neighbours that are about the same thing. An item that comes twice begins another thing of the same name. */
export function groupsOf(items: readonly Item[]): { about: string | null; items: Item[] }[] {
  const groups: { about: string | null; items: Item[] }[] = [];
  for (const item of items) {
    const last = groups.at(-1);
    const about = item.about ?? null;
    if (last?.about === about && !last.items.some(({ code }) => code === item.code)) last.items.push(item);
    else groups.push({ about, items: [item] });
  }
  return groups;
}
