import { expect, it } from "vitest";
import { slugOf } from "./slug";

it("makes names fit for addresses", () => {
  expect(slugOf("Kopi Senja!")).toBe("kopi-senja");
  expect(slugOf("  Café Été ")).toBe("cafe-ete");
  expect(slugOf("a".repeat(39) + " b")).toBe("a".repeat(39));
  expect(slugOf("日本")).toBe("");
});
