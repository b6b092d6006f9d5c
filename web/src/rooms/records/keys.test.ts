import { expect, it } from "vitest";
import { keyOf } from "./keys";

it("makes a key of whatever people call a thing", () => {
  expect(keyOf("Berlaku sampai", [])).toBe("berlaku_sampai");
  expect(keyOf("  Gebühr (€) ", [])).toBe("gebu_hr");
  expect(keyOf("2. Tanggal", [])).toBe("tanggal");
  expect(keyOf("価格", [])).toBe("field");
  expect(keyOf("Tanggal", ["tanggal", "tanggal_2"])).toBe("tanggal_3");
  expect(keyOf("x".repeat(60), [])).toHaveLength(36);
});
