import { expect, it } from "vitest";
import { plain } from "./plain";

it("leaves the words alone and takes the marks and lines out", () => {
  expect(plain("*Harga*\n- _Gayo_ 250 g\n> kata\nwww.kopi.example")).toBe("Harga Gayo 250 g kata www.kopi.example");
  expect(plain("2*3*4")).toBe("2*3*4");
});
