/** The four rates: how each is read from the figures, and the address of the page. */
import type { By, Figures, Wish } from "./queries";

/** Each with the counts that it divides. */
export const RATES = [
  { name: "opt_in", rate: (of: Figures) => of.opt_in_rate, part: (of: Figures) => of.opted_in, whole: (of: Figures) => of.intended },
  { name: "window", rate: (of: Figures) => of.window_use, part: (of: Figures) => of.in_window, whole: (of: Figures) => of.handed },
  {
    name: "fallback",
    rate: (of: Figures) => of.fallback_rate,
    part: (of: Figures) => of.fallen_back,
    whole: (of: Figures) => of.intended - of.refused,
  },
  { name: "delivery", rate: (of: Figures) => of.delivery_rate, part: (of: Figures) => of.delivered, whole: (of: Figures) => of.handed },
] as const;

/** What ids in the figures are called. */
export interface Names {
  numbers: ReadonlyMap<string, string>;
  notifications: ReadonlyMap<string, string>;
}

export type Rate = (typeof RATES)[number];

export const BYS = ["day", "number", "template", "notification"] as const satisfies readonly By[];

const isDay = (value: unknown): value is string => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Reads what is wanted from an address. */
export function readWish(search: Record<string, unknown>): Wish {
  return {
    ...(BYS.includes(search.by as By) && { by: search.by as By }),
    ...(isDay(search.from) && { from: search.from }),
    ...(isDay(search.until) && { until: search.until }),
    ...(isText(search.number) && { number: search.number }),
    ...(isText(search.template) && { template: search.template }),
    ...(isText(search.notification) && { notification: search.notification }),
  };
}

/** The days that are written beneath a line: the first, the one in the middle, and the last. */
export function labelled(days: readonly string[]): string[] {
  const middle = days.length % 2 === 1 ? [days[(days.length - 1) / 2]] : [];
  return [...new Set([days[0], ...middle, days.at(-1)].filter(isDay))];
}

/** The stretches of a line through what is known: a day without anything to divide by is a gap, one alone a point. */
export function stretches(values: readonly (number | null | undefined)[], width: number, height: number): string[] {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const runs: string[][] = [[]];
  values.forEach((value, place) => {
    if (value === null || value === undefined) runs.push([]);
    else runs.at(-1)?.push(`${(place * step).toFixed(1)} ${((1 - value) * height).toFixed(1)}`);
  });
  return runs.filter((run) => run.length > 0).map(([first = "", ...rest]) => [`M${first}h0.01`, ...rest].join("L"));
}
