import { expect, it } from "vitest";
import { countries, timeZones } from "./places";

it("lists countries of today under their names", () => {
  const all = countries("en");
  expect(all).toContainEqual({ value: "ID", label: "Indonesia" });
  expect(all.map((one) => one.value)).not.toEqual(expect.arrayContaining(["SU"]));
  expect(all.map((one) => one.value)).not.toEqual(expect.arrayContaining(["EU"]));
  expect(all.length).toBeGreaterThan(200);
  expect(all.length).toBeLessThan(260);
});

it("keeps a time zone that the browser does not list", () => {
  const zones = timeZones("en", "Asia/Nowhere");
  expect(zones).toContainEqual({ value: "Asia/Jakarta", label: "Asia/Jakarta (GMT+7)" });
  expect(zones).toContainEqual({ value: "Asia/Nowhere", label: "Asia/Nowhere (?)" });
});
