import { expect, test } from "vitest";
import { zoneName } from "./zoneName";

test("a clock is called as people call it", () => {
  expect(zoneName("Asia/Jakarta", "id")).toBe("WIB");
  expect(zoneName("UTC", "en")).toBe("UTC");
  expect(zoneName("Nowhere/Else", "en")).toBe("Nowhere/Else");
});
