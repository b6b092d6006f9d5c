/** What somebody began to write in a conversation and did not send, as far as this browser keeps it. */
import { useMe } from "@/app/session";
import { Drafts } from "./drafts";
import { storage } from "./sending";

/** The first line of a draft; nothing where there is none. Read when the conversation is left, for it changes only within. */
export function useDraft(conversation: string | null): string {
  const { person } = useMe();
  const text = conversation === null ? "" : new Drafts(storage(), person.id).read(conversation).text;
  return text.trim().split("\n")[0] ?? "";
}
