import { expect, it } from "vitest";
import { given } from "./plan";

it("lets no two columns be the same", () => {
  expect(given(["phone", "name", null], 2, "phone")).toEqual([null, "name", "phone"]);
  expect(given(["phone", null, null], 0, null)).toEqual([null, null, null]);
});
