/** What the address of the inbox says: the view, its filters, a search, and the message to show. */
import { VIEW_NAMES, type Place, type ViewName } from "./places";

/** The search part of the address. */
export interface InboxSearch {
  view?: ViewName;
  number?: string;
  label?: string;
  assignee?: string;
  /** What is searched for. */
  q?: string;
  /** The message that the thread opens at. */
  message?: string;
}

/** Reads the address; what it does not know it leaves out. */
export function readSearch(search: Record<string, unknown>): InboxSearch {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const view = VIEW_NAMES.find((name) => name === search.view);
  // A search for digits alone reads as a number.
  const q = typeof search.q === "number" ? String(search.q) : text("q");
  return { view, number: text("number"), label: text("label"), assignee: text("assignee"), q, message: text("message") };
}

/** What the list shows. */
export function placeOf({ view = "open", number, label, assignee }: InboxSearch): Place {
  return { view, number, label, assignee };
}
