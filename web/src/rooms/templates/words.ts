/** Meta's words for templates, as far as the pages have their own. */
import type { MantineColor } from "@mantine/core";

export const CATEGORIES = ["UTILITY", "MARKETING", "AUTHENTICATION"] as const;
export const STATES = [
  "APPROVED",
  "PENDING",
  "REJECTED",
  "PAUSED",
  "DISABLED",
  "IN_APPEAL",
  "PENDING_DELETION",
  "LIMIT_EXCEEDED",
  "ARCHIVED",
  "DELETED",
] as const;
export const QUALITIES = ["GREEN", "YELLOW", "RED", "UNKNOWN"] as const;

export type State = (typeof STATES)[number];

export const STATE_COLOURS: Partial<Record<State, MantineColor>> = {
  APPROVED: "sapa",
  PENDING: "yellow",
  IN_APPEAL: "yellow",
  PAUSED: "orange",
  REJECTED: "red",
  DISABLED: "red",
};

/** One of ours, or nothing. */
export function known<Word extends string>(words: readonly Word[], word: string | null | undefined): Word | undefined {
  return words.find((one) => one === word);
}
