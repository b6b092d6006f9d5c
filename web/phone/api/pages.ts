/** The pages of a chat in memory: what comes or changes is put where it belongs. */
import type { InfiniteData } from "@tanstack/react-query";
import type { Chat, Message } from "./types";

/** Pages of a chat, the newest first; messages within a page the oldest first. */
export type Pages = InfiniteData<Chat>;

/** Puts a message in: over the one with its id, else at its place among the newest. */
export function put(pages: Pages | undefined, message: Message): Pages | undefined {
  const newest = pages?.pages[0];
  if (!pages || !newest) return pages;
  const at = pages.pages.findIndex((page) => page.messages.some((known) => known.id === message.id));
  if (at >= 0) {
    return replaced(pages, at, (known) => known.map((one) => (one.id === message.id ? message : one)));
  }
  const oldest = newest.messages[0];
  // What is older than the newest page and not known is read with the pages before.
  if (oldest && message.sequence < oldest.sequence) return pages;
  return replaced(pages, 0, (known) => {
    const after = known.findIndex((one) => one.sequence > message.sequence);
    return after < 0 ? [...known, message] : known.toSpliced(after, 0, message);
  });
}

function replaced(pages: Pages, at: number, change: (messages: Message[]) => Message[]): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page, index) => (index === at ? { ...page, messages: change(page.messages) } : page)),
  };
}

/** Every message of the pages, the oldest first. */
export function flat(pages: Pages | undefined): Message[] {
  return pages?.pages.toReversed().flatMap((page) => page.messages) ?? [];
}
