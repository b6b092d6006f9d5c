import { describe, expect, it } from "vitest";
import { dayName, length, otherDay, shortTime, span } from "./times";

const at = (text: string) => new Date(text).getTime();
const now = at("2026-11-20T10:00:00");

describe("days", () => {
  it("have names near by", () => {
    expect(dayName(at("2026-11-20T00:01:00"), now, "en")).toBe("Today");
    expect(dayName(at("2026-11-19T23:59:00"), now, "id")).toBe("Kemarin");
    expect(dayName(at("2026-11-16T12:00:00"), now, "en")).toBe("Monday");
  });

  it("are dates far away, and ahead", () => {
    expect(dayName(at("2026-11-10T12:00:00"), now, "en")).toBe("November 10, 2026");
    expect(dayName(at("2026-11-21T12:00:00"), now, "en")).toBe("November 21, 2026");
  });

  it("end at midnight", () => {
    expect(otherDay(at("2026-11-19T23:59:59"), at("2026-11-20T00:00:00"))).toBe(true);
    expect(shortTime(at("2026-11-19T08:00:00"), now, "en")).toBe("Yesterday");
  });
});

it("spans are told in two units at most", () => {
  expect(span(23 * 3_600_000 + 59 * 60_000, "en")).toBe("23 hr 59 min");
  expect(span(-61_000, "en")).toBe("1 min");
  expect(span(900, "en")).toBe("1 sec");
});

it("recordings are told in minutes and seconds", () => expect([0, 7.4, 67].map(length)).toEqual(["0:00", "0:07", "1:07"]));
