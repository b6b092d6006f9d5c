import { expect, it } from "vitest";
import { titleOf } from "./title";

it("has what waits before the page's own name, and never a zero", () => {
  expect(titleOf("Inbox", 0)).toBe("Inbox · Sapa");
  expect(titleOf("Inbox", 3)).toBe("(3) Inbox · Sapa");
  expect(titleOf("Inbox", 250)).toBe("(99+) Inbox · Sapa");
});
