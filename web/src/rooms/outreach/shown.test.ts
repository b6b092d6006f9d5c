import { describe, expect, it } from "vitest";
import { asked, exportAddress } from "./shown";

describe("what is asked for", () => {
  it("takes whole days, the last one included", () => {
    const { from, until } = asked({ from: "2026-11-20", until: "2026-11-21" });
    expect(from).toBe(new Date(2026, 10, 20).getTime() * 1_000);
    expect(until).toBe(new Date(2026, 10, 22).getTime() * 1_000);
    expect(asked({ from: "nonsense" }).from).toBeUndefined();
  });

  it("leaves out what is not given", () => {
    expect(exportAddress("o1", {})).toBe("/api/v1/orgs/o1/outreach/export");
    expect(exportAddress("o1", { verdict: "refuse", reason: "no_opt_in", template: " a b " })).toBe(
      "/api/v1/orgs/o1/outreach/export?verdict=refuse&reason=no_opt_in&template=a+b",
    );
  });
});
