/** Labels are given and taken away, so that two who change others do not undo each other. */
import type { Schemas } from "@/api/client";

/** Labels to give and to take away. */
export type LabelChange = Schemas["LabelChange"];

/** What leads from some labels to others. */
export function difference(before: string[], after: string[]): LabelChange {
  return { add: after.filter((label) => !before.includes(label)), remove: before.filter((label) => !after.includes(label)) };
}

/** What labels become. */
export function changed(labels: string[], { add = [], remove = [] }: LabelChange = {}): string[] {
  return [...new Set([...labels.filter((label) => !remove.includes(label)), ...add])];
}
