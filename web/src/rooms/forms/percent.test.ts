import { describe, expect, it } from "vitest";
import { percent, points } from "./percent";

describe("shares", () => {
  it("are read in the reader's language", () => {
    expect(percent(0.3125, "en")).toBe("31.3%");
    expect(percent(0.3125, "id")).toBe("31,3%");
  });

  it("differ by points, with a sign", () => {
    expect(points(0.034, "en")).toBe("+3.4");
    expect(points(-0.05, "en")).toBe("-5");
    expect(points(0, "en")).toBe("0");
  });
});
