import { expect, it } from "vitest";
import { asField, fromField, snoozeChoices } from "./snooze";

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

it("reads a moment of one's own in the time zone of this computer, and refuses what is over", () => {
  const now = new Date(2026, 10, 20, 14, 5);
  expect(asField(now)).toBe("2026-11-20T14:05");
  expect(fromField("2026-11-20T14:06", now)).toBe(new Date(2026, 10, 20, 14, 6).getTime() * 1000);
  for (const past of ["2026-11-20T14:05", "2025-01-01T09:00", "", "tomorrow"]) expect(fromField(past, now)).toBeNull();
});
