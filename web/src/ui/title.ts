/** The window's title: the page's own, after the number of what waits. */
import { useEffect, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let waiting = 0;

/** Says how much waits, whatever page is shown. */
export function setWaiting(count: number): void {
  waiting = count;
  for (const listener of listeners) listener();
}

/** The title with a number before it, as tabs that are too narrow for a name still show. */
export function titleOf(title: string, count: number): string {
  return count > 0 ? `(${count > 99 ? "99+" : count}) ${title} · Sapa` : `${title} · Sapa`;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Names the window after its page. */
export function useTitle(title: string): void {
  const count = useSyncExternalStore(subscribe, () => waiting);
  useEffect(() => {
    document.title = titleOf(title, count);
  }, [title, count]);
}
