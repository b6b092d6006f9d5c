import { expect, it } from "vitest";
import { withoutSource } from "./citation";

it("takes the last line away where it names a source", () => {
  expect(withoutSource("Rp 85.000.\n\nSumber: Daftar harga")).toBe("Rp 85.000.");
  expect(withoutSource("At nine.\n\nSource: Visiting us")).toBe("At nine.");
  expect(withoutSource("Sumber: air pegunungan")).toBe("Sumber: air pegunungan");
});
