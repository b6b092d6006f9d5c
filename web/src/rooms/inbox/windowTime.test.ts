import { expect, it } from "vitest";
import { windowTime, windowWords } from "./windowTime";

const MINUTE = 60_000_000;
const NOW = 1_800_000_000_000_000;
const words = (minutes: number) => windowWords(windowTime(NOW + minutes * MINUTE, NOW));

it.each([
  [24 * 60, { key: "window.hours", hours: 24 }],
  [2 * 60 + 59, { key: "window.hours", hours: 2 }],
  [120, { key: "window.hours", hours: 2 }],
  [119, { key: "window.hoursMinutes", hours: 1, minutes: 59 }],
  [60, { key: "window.hoursMinutes", hours: 1, minutes: 0 }],
  [59, { key: "window.minutes", minutes: 59 }],
  [0.5, { key: "window.lastMinute" }],
  [0, { key: "window.closed" }],
  [-5, { key: "window.closed" }],
])("%d minutes", (minutes, expected) => {
  expect(words(minutes)).toEqual(expected);
});

it("hurries below two hours", () => {
  expect(windowTime(NOW + 120 * MINUTE, NOW).state).toBe("open");
  expect(windowTime(NOW + 119 * MINUTE, NOW).state).toBe("ending");
});

it("knows who never wrote", () => {
  expect(windowWords(windowTime(null, NOW))).toEqual({ key: "window.never" });
});
