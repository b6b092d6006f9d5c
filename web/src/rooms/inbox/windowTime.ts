/** How long the 24-hour window stays open, in words that need no seconds. */

/** How it stands with a window. */
export type WindowTime =
  | { state: "never" }
  | { state: "closed" }
  | { state: "open" | "ending"; hours: number; minutes: number };

const MINUTE = 60_000_000;
/** From here on it is time to hurry. */
const ENDING_MINUTES = 120;

/** How it stands at a moment; both in microseconds. */
export function windowTime(closesAt: number | null | undefined, now: number): WindowTime {
  if (closesAt == null) return { state: "never" };
  const left = Math.floor((closesAt - now) / MINUTE);
  if (closesAt <= now) return { state: "closed" };
  return { state: left < ENDING_MINUTES ? "ending" : "open", hours: Math.floor(left / 60), minutes: left % 60 };
}

/** Which sentence says it: hours while there are many, minutes when they count. */
export function windowWords(time: WindowTime) {
  if (time.state === "never" || time.state === "closed") return { key: `window.${time.state}` } as const;
  const { hours, minutes } = time;
  if (time.state === "open") return { key: "window.hours", hours } as const;
  if (hours > 0) return { key: "window.hoursMinutes", hours, minutes } as const;
  return minutes > 0 ? ({ key: "window.minutes", minutes } as const) : ({ key: "window.lastMinute" } as const);
}
