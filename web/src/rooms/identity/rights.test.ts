import { expect, it } from "vitest";
import { expiry, hasAll, RIGHT_GROUPS } from "./rights";

it("ends a key so many days from now, in microseconds", () => {
  expect(expiry("30", 0)).toBe(30 * 86_400 * 1_000_000);
  expect(expiry("never", 0)).toBeUndefined();
});

it("offers every right once", () => {
  const all = RIGHT_GROUPS.flatMap(([, rights]) => rights);
  expect(new Set(all).size).toBe(all.length);
  expect(hasAll(all)).toBe(true);
  expect(hasAll(all.slice(1))).toBe(false);
});
