import { expect, it } from "vitest";
import { snoozeChoices } from "./snooze";

const said = (now: Date) =>
  snoozeChoices(now).map(({ name, until }) => {
    const at = new Date(until / 1000);
    return `${name} ${at.getDate()} ${at.getHours()}:00`;
  });

it("offers the moments that people come back at", () => {
  // A Friday.
  expect(said(new Date(2026, 10, 20, 14))).toEqual(["later 20 17:00", "tomorrow 21 9:00", "monday 23 9:00"]);
});

it("says Monday once on a Sunday, and means the next on a Monday", () => {
  expect(said(new Date(2026, 10, 22, 10))).toEqual(["later 22 13:00", "tomorrow 23 9:00"]);
  expect(said(new Date(2026, 10, 23, 10))).toEqual(["later 23 13:00", "tomorrow 24 9:00", "monday 30 9:00"]);
});
