import { describe, expect, it } from "vitest";
import { inBytes, inMilliseconds, lasting } from "./health";

describe("figures of the health page", () => {
  it("picks the largest unit that fits", () => {
    expect(inBytes(0, "en")).toBe("0 byte");
    expect(inBytes(1_234_567, "en")).toBe("1.2 MB");
    expect(inBytes(1_234_567, "id")).toBe("1,2 MB");
    expect(inBytes(64_000_000_000, "en")).toBe("64 GB");
    expect(lasting(45, "en")).toBe("45 sec");
    expect(lasting(600, "en")).toBe("10 min");
    expect(lasting(7_200, "en")).toBe("2 hr");
  });

  it("tells limits and not measurements", () => {
    expect(inMilliseconds(2.5, "en")).toBe("≤ 2.5 ms");
    expect(inMilliseconds(5000, "en")).toBe("≤ 5 sec");
  });
});
