import { expect, it } from "vitest";
import { shown, typed } from "./values";

const day = { key: "expires_on", label: "Expires on", kind: "date" } as const;
const fee = { key: "fee", label: "Fee", kind: "money", currency: "IDR" } as const;

it("writes days and sums as people read them", () => {
  expect(shown(day, "2026-12-21", "id")).toBe("21 Desember 2026");
  expect(shown(fee, 250_000, "id").replace(/\s/g, " ")).toBe("Rp 250.000");
  expect(shown(undefined, ["kept"], "en")).toBe('["kept"]');
  expect(shown(day, undefined, "en")).toBe("");
});

it("reads what was typed by the kind of its field", () => {
  expect(typed(fee, " 250000 ")).toBe(250_000);
  expect(typed(day, "2026-12-21")).toBe("2026-12-21");
  expect(typed(fee, "")).toBeUndefined();
});
