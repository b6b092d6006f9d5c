import { expect, it } from "vitest";
import { flag, phoneNumber } from "./naming";

it("writes phone numbers in groups behind their calling code", () => {
  expect(phoneNumber("6281100000001")).toBe("+62 811 0000 0001");
  expect(phoneNumber("622155500111")).toBe("+62 21 5550 0111");
  expect(phoneNumber("442079460112")).toBe("+44 20 7946 0112");
});

it("has a flag for a country and none for anything else", () => {
  expect(flag("ID")).toBe("🇮🇩");
  expect(flag("idn")).toBe("");
});
