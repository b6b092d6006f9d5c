/** What the parts of a thread may ask of it. */
import { createContext, use } from "react";
import type { Conversation } from "../places";
import type { Message } from "./stretch";

/** A thread, for what stands in it. */
export interface ThreadActions {
  conversation: Conversation;
  /** Words that are marked, after a search. */
  words: readonly string[];
  /** The message that was looked for. */
  found: string | null;
  /** Goes to a message, wherever it is. */
  jumpTo: (message: string) => void;
  showSources: (message: Message) => void;
  showInfo: (message: Message) => void;
  reply: (message: Message) => void;
  forward: (message: Message) => void;
  react: (message: Message, emoji: string) => void;
  /** Puts a text that was not sent back to be changed. */
  edit: (text: string) => void;
}

/** Given by the thread. */
export const ThreadContext = createContext<ThreadActions | null>(null);

/** The thread around. */
export function useThread(): ThreadActions {
  const thread = use(ThreadContext);
  if (!thread) throw new Error("This part stands outside a thread.");
  return thread;
}
