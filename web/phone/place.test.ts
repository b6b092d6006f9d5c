import { expect, it } from "vitest";
import { address, read } from "./place";

it("is kept in the address", () => {
  const place = { from: "628110000001", to: "622155500111", text: "Halo, apa kabar?", view: undefined };
  expect(read(address(place, ""))).toEqual(place);
});

it("leaves alone what is not its own", () => {
  expect(address({ from: "a", view: "new" }, "?dir=rtl&to=b&text=c")).toBe("?dir=rtl&from=a&view=new");
});

it("knows no views but its own", () => expect(read("?view=secret").view).toBeUndefined());
