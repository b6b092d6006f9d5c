import { expect, test } from "vitest";
import { changed, difference } from "./labels";

test("what differs is what leads from one to the other", () => {
  const change = difference(["vip", "kopi"], ["kopi", "teh"]);
  expect(change).toEqual({ add: ["teh"], remove: ["vip"] });
  expect(changed(["vip", "kopi"], change)).toEqual(["kopi", "teh"]);
});

test("a change leaves what somebody else gave meanwhile", () => {
  expect(changed(["vip", "new", "teh"], { add: ["teh"], remove: ["vip"] })).toEqual(["new", "teh"]);
  expect(changed(["vip"])).toEqual(["vip"]);
});
