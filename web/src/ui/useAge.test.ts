import { expect, it } from "vitest";
import { inUnits } from "./useAge";

it("an age is told in the largest unit that it fills", () => {
  expect(inUnits(-5)).toEqual([0, "second"]);
  expect(inUnits(59)).toEqual([0, "second"]);
  expect(inUnits(60)).toEqual([1, "minute"]);
  expect(inUnits(7_199)).toEqual([1, "hour"]);
  expect(inUnits(3 * 86_400 + 5)).toEqual([3, "day"]);
});
