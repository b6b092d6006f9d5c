import { expect, test } from "vitest";
import { dayName } from "./dayName";

test("a day is said in the reader's language", () => {
  expect(dayName("2026-12-21", "id")).toBe("21 Des 2026");
  expect(dayName("2026-12-21", "en-GB", { day: "numeric", month: "short" })).toBe("21 Dec");
});
