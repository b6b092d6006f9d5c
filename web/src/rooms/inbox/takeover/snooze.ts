/** The moments until which a conversation can be put out of sight: when people mean to come back to it. */

/** A moment to come back at. */
export interface SnoozeChoice {
  name: "later" | "tomorrow" | "monday";
  /** In microseconds. */
  until: number;
}

const MORNING = 9;

/** The choices at a moment: in three hours, tomorrow morning, Monday morning. */
export function snoozeChoices(now: Date): SnoozeChoice[] {
  const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING).getTime();
  // On Sunday, tomorrow is Monday.
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const choices: SnoozeChoice[] = [
    { name: "later", until: now.getTime() + 3 * 3600 * 1000 },
    { name: "tomorrow", until: morning(1) },
    { name: "monday", until: morning(toMonday) },
  ];
  return choices.filter(({ name }) => name !== "monday" || toMonday > 1).map((one) => ({ ...one, until: one.until * 1000 }));
}
