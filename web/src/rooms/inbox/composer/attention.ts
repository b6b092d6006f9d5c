/**
 * Whoever opens a conversation with the mouse goes on writing in it. The wish outlives the reading of its messages, until
 * the field is there; who goes through the list by keyboard keeps the list.
 */
import { useEffect, useEffectEvent } from "react";

const listeners = new Set<() => void>();
let wished: string | null = null;

/** Where a click means a mouse and a field does not bring a keyboard onto the screen. */
const MOUSE = "(hover: hover) and (pointer: fine)";

/** Tells that a conversation was chosen. A click by keyboard has no place on the screen, and so no count. */
export function chosen(conversation: string, clicks: number): void {
  wished = clicks > 0 && matchMedia(MOUSE).matches ? conversation : null;
  for (const listener of listeners) listener();
}

/** Calls back once where the conversation was chosen to be written in. */
export function useChosen(conversation: string, focus: () => void): void {
  const look = useEffectEvent(() => {
    if (wished !== conversation) return;
    wished = null;
    focus();
  });
  useEffect(() => {
    const listener = () => look();
    listener();
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [conversation]);
}
