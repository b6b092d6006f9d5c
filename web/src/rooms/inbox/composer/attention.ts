/**
 * Whoever opens a conversation with the mouse goes on writing in it. The wish outlives the reading of its messages, until
 * the field is there or something else is done; who goes through the list by keyboard keeps the list.
 */
import { useEffect, useEffectEvent, type MouseEvent } from "react";

const listeners = new Set<() => void>();
let wished: string | null = null;

/** Where a click means a mouse and a field does not bring a keyboard onto the screen. */
const MOUSE = "(hover: hover) and (pointer: fine)";

function forget(): void {
  wished = null;
}

/** Whether the keyboard is in no field, button or dialog that it would be taken from. */
function isFree(): boolean {
  const at = document.activeElement;
  return !at || at.matches("body, main, [data-row]");
}

/**
 * Tells that a conversation was chosen. A click by keyboard has no place on the screen, and so no count; one with a key
 * held down opens it elsewhere.
 */
export function chosen(conversation: string, { detail, button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): void {
  forget();
  if (detail === 0 || button !== 0 || ctrlKey || metaKey || shiftKey || altKey || !matchMedia(MOUSE).matches) return;
  wished = conversation;
  for (const what of ["keydown", "pointerdown"]) addEventListener(what, forget, { once: true, capture: true });
  for (const listener of listeners) listener();
}

/** Calls back once where the conversation was chosen to be written in. */
export function useChosen(conversation: string, focus: () => void): void {
  const look = useEffectEvent(() => {
    if (wished !== conversation) return;
    forget();
    if (isFree()) focus();
  });
  useEffect(() => {
    const listener = () => look();
    listener();
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [conversation]);
}
