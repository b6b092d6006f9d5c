/**
 * Where on the phone one is, kept in the address, so that it can be reloaded, sent on and left with "back":
 * `/phone?from=628110000001&to=622155500111&text=Halo` is whose phone, which chat, and what stands in the box.
 */
import { useSyncExternalStore } from "react";

/** A screen beside the chats. */
export type View = "people" | "new" | "business" | "me";

export interface Place {
  /** Whose phone: id, phone number or username. */
  from?: string | undefined;
  /** Which business: number id or phone number. */
  to?: string | undefined;
  /** What stands in the box at first. */
  text?: string | undefined;
  view?: View | undefined;
}

const VIEWS: readonly string[] = ["people", "new", "business", "me"] satisfies View[];

/** Reads an address. */
export function read(search: string): Place {
  const given = new URLSearchParams(search);
  const view = given.get("view");
  return {
    from: given.get("from")?.trim(),
    to: given.get("to")?.trim(),
    text: given.get("text") ?? undefined,
    view: view && VIEWS.includes(view) ? (view as View) : undefined,
  };
}

/** Writes an address; what else stood in it, such as `dir`, stays. */
export function address(place: Place, search: string): string {
  const given = new URLSearchParams(search);
  for (const key of ["from", "to", "text", "view"] as const) {
    const value = place[key];
    if (value) given.set(key, value);
    else given.delete(key);
  }
  const query = given.toString();
  return query ? `?${query}` : location.pathname;
}

const MOVED = "phone:moved";

function subscribe(told: () => void): () => void {
  addEventListener("popstate", told);
  addEventListener(MOVED, told);
  return () => {
    removeEventListener("popstate", told);
    removeEventListener(MOVED, told);
  };
}

/** Goes somewhere; "back" returns, unless it replaces where one is. */
export function go(place: Place, how: "push" | "replace" = "push"): void {
  const to = address(place, location.search);
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  dispatchEvent(new Event(MOVED));
}

/** Where one is. */
export function usePlace(): Place {
  return read(useSyncExternalStore(subscribe, () => location.search));
}
