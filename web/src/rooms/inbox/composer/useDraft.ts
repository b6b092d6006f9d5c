/** What somebody began to write in a conversation and did not send, as far as this browser keeps it. */
import { useMemo } from "react";
import { useMe } from "@/app/session";
import type { Conversation } from "../places";
import { Drafts } from "./drafts";
import { storage } from "./sending";

/**
 * The first line of a draft, and whether it is a note; nothing where there is none, and where something came in that
 * nobody has looked at. Read when the conversation is left, for it changes only within: the open one shows it itself.
 */
export function useDraft(conversation: Conversation, isOpen: boolean): { line: string; isNote: boolean } | null {
  const { person } = useMe();
  return useMemo(() => {
    if (isOpen || conversation.unread > 0) return null;
    const { text, isNote } = new Drafts(storage(), person.id).read(conversation.id);
    const [line] = text.trim().split("\n");
    return line ? { line, isNote } : null;
  }, [conversation, isOpen, person.id]);
}
