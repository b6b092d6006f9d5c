import { describe, expect, it } from "vitest";
import { labelled, RATES, readWish, stretches } from "./rates";
import { csvOf } from "./queries";

describe("the address", () => {
  it("keeps what it understands", () => {
    expect(readWish({ by: "template", from: "2026-11-01", until: "soon", number: "", template: "promo", x: 1 })).toEqual({
      by: "template",
      from: "2026-11-01",
      template: "promo",
    });
    expect(readWish({ by: "colour" })).toEqual({});
  });

  it("asks for the same as CSV", () => {
    expect(csvOf("o1", { by: "day", template: "a&b", number: undefined })).toBe("/api/v1/orgs/o1/rates.csv?by=day&template=a%26b");
  });
});

it("a line has a gap where there is nothing to divide by", () => {
  expect(stretches([0, 1, null, 0.5], 30, 100)).toEqual(["M0.0 100.0h0.01L10.0 0.0", "M30.0 50.0h0.01"]);
  expect(stretches([null, undefined], 30, 100)).toEqual([]);
});

it("a line's first, middle and last day are written", () => {
  expect(labelled(["2026-11-01", "2026-11-02", "2026-11-03"])).toEqual(["2026-11-01", "2026-11-02", "2026-11-03"]);
  expect(labelled(["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"])).toEqual(["2026-11-01", "2026-11-04"]);
  expect(labelled(["2026-11-01"])).toEqual(["2026-11-01"]);
  expect(labelled([])).toEqual([]);
});

it("each rate divides its own counts", () => {
  const figures = {
    intended: 10, opted_in: 6, refused: 2, fallen_back: 2, handed: 5, in_window: 1, delivered: 4, read: 2, failed: 1,
    opt_in_rate: 0.6, window_use: 0.2, fallback_rate: 0.25, delivery_rate: 0.8,
  };
  for (const { rate, part, whole } of RATES) expect(part(figures) / whole(figures)).toBeCloseTo(rate(figures) ?? 0);
});
