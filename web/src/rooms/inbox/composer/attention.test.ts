import { cleanup, renderHook } from "@testing-library/react";
import type { MouseEvent } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { chosen, useChosen } from "./attention";

const click = (more: Partial<MouseEvent> = {}) => ({ detail: 1, button: 0, ...more }) as MouseEvent;
const focus = vi.fn();
/** The conversation's field comes, some time after it was chosen. */
const open = (conversation: string) => renderHook(() => useChosen(conversation, focus));

beforeEach(() => void vi.stubGlobal("matchMedia", () => ({ matches: true })));
afterEach(() => {
  cleanup();
  focus.mockClear();
  document.body.replaceChildren();
});

it("goes on in the conversation that was clicked, once", () => {
  chosen("c1", click());
  open("c1");
  open("c1");
  expect(focus).toHaveBeenCalledTimes(1);
});

it.each(["keydown", "pointerdown"])("leaves the keyboard where a %s came meanwhile", (what) => {
  chosen("c1", click());
  document.body.dispatchEvent(new Event(what, { bubbles: true }));
  open("c1");
  expect(focus).not.toHaveBeenCalled();
});

it("leaves the keyboard in another field", () => {
  const field = document.body.appendChild(document.createElement("input"));
  chosen("c1", click());
  field.focus();
  open("c1");
  expect(focus).not.toHaveBeenCalled();
});

it.each([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { altKey: true }, { button: 1 }, { detail: 0 }])("takes %o for no wish to write", (more) => {
  chosen("c1", click(more));
  open("c1");
  expect(focus).not.toHaveBeenCalled();
});
