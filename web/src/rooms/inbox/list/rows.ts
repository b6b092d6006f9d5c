/** The list of conversations as it is kept: pages in the order of the newest message, into which single rows move. */
import type { InfiniteData } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import type { Conversation } from "../places";

/** The pages of a list. */
export type Rows = InfiniteData<Schemas["List_Conversation"], string | null>;

/** The moment that a conversation's place in the list goes by. */
export function moment(conversation: Conversation): number {
  return conversation.last_message?.at ?? conversation.created_at;
}

/** Whether a conversation stands above another: the newer first, as the server orders them. */
function isAbove(one: Conversation, other: Conversation): boolean {
  const [a, b] = [moment(one), moment(other)];
  return a === b ? one.id > other.id : a > b;
}

/**
 * The list after a conversation changed: its row moves to its place, comes in, or goes. What lies beyond the pages that
 * were read stays there, and so does, in or out, what is not known to belong or not. The same list where nothing changed.
 */
export function withRow(rows: Rows, conversation: Conversation, isKnownToBelong: boolean | null): Rows {
  const had = rows.pages.some((page) => page.items.some((row) => row.id === conversation.id));
  const belongs = isKnownToBelong ?? had;
  if (!had && !belongs) return rows;
  const pages = rows.pages.map((page) => ({ ...page, items: page.items.filter((row) => row.id !== conversation.id) }));
  const last = pages.at(-1);
  if (!belongs || !last) return { ...rows, pages };
  for (const page of pages) {
    const at = page.items.findIndex((row) => isAbove(conversation, row));
    if (at < 0) continue;
    page.items.splice(at, 0, conversation);
    return { ...rows, pages };
  }
  if (!last.next) last.items.push(conversation);
  return { ...rows, pages };
}

/** Every row, each once. */
export function allRows(pages: Rows["pages"] = []): Conversation[] {
  const seen = new Set<string>();
  return pages.flatMap((page) => page.items).filter((row) => !seen.has(row.id) && seen.add(row.id));
}
