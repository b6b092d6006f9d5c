/** Keys that work anywhere in the inbox, never while somebody types or a dialog is open. */
import { useEffect, useEffectEvent } from "react";
import { keyOf } from "./keyOf";

/** What a key does, by its name. */
export type Keys = Readonly<Record<string, () => void>>;

/** Whether what a key is meant for takes text or has keys of its own. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[role=dialog], [role=menu], [role=listbox]")) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Listens for keys, while this is shown. `first`: before what the rest of the page does with them, and in its place. */
export function useKeys(keys: Keys, { first = false } = {}): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const key = keyOf(event);
    if (key === null || event.defaultPrevented || isTaken(event.target)) return;
    // An open dialog has the page to itself, wherever the focus is.
    if (document.querySelector("[role=dialog][aria-modal=true]")) return;
    const act = keys[key];
    if (!act) return;
    event.preventDefault();
    if (first) event.stopPropagation();
    act();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event);
    addEventListener("keydown", listener, { capture: first });
    return () => removeEventListener("keydown", listener, { capture: first });
  }, [first]);
}
