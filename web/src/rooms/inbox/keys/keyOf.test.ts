import { expect, it } from "vitest";
import { keyOf } from "./keyOf";
import { CHANGES } from "./changes";

const press = (key: string, more = {}) => ({ key, code: "", altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more });

it("names a key by its sign, and with Alt by its letter", () => {
  expect(keyOf(press("j"))).toBe("j");
  expect(keyOf(press("?", { shiftKey: true }))).toBe("?");
  expect(keyOf(press("c", { altKey: true }))).toBe("Alt+c");
  // On a Mac, and on a keyboard of other letters.
  expect(keyOf(press("ç", { altKey: true, code: "KeyC" }))).toBe("Alt+c");
  expect(keyOf(press("a", { altKey: true, code: "KeyQ" }))).toBe("Alt+a");
});

it("leaves to the browser what is the browser's", () => {
  expect(keyOf(press("c", { ctrlKey: true }))).toBeNull();
  expect(keyOf(press("c", { metaKey: true }))).toBeNull();
  expect(keyOf(press("q", { altKey: true, ctrlKey: true }))).toBeNull();
  expect(keyOf(press("Tab", { altKey: true }))).toBeNull();
});

it("lets no sign of a text change a conversation", () => {
  for (const key of Object.values(CHANGES)) expect(key).toMatch(/^Alt\+[a-z]$/);
});
