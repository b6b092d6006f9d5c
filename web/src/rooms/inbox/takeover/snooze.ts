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

/** A moment as a field for date and time takes it, in the time zone of this computer: `2026-11-20T14:05`. */
export function asField(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** The moment that such a field holds, in microseconds; `null` unless it is one that is still to come. */
export function fromField(text: string, now: Date): number | null {
  const moment = new Date(text).getTime();
  return moment > now.getTime() ? moment * 1000 : null;
}
