/** How far an organisation is, from an empty one to a working one, and what happened in it today. Pure. */
import type { Schemas } from "@/api/client";
import { date } from "@/ui/Time";

/** What is to be done, in this order. */
export const STEPS = ["connect", "knowledge", "write", "watch", "invite"] as const;

/** One of them. */
export type StartStep = (typeof STEPS)[number];

/** What the server says. */
export interface Facts {
  accounts: readonly Schemas["Account"][];
  sources: readonly Schemas["Source"][];
  conversations: readonly Schemas["Conversation"][];
  /** Members and open invitations. */
  people: number;
}

/** The numbers that can be written to. */
export function numbersOf({ accounts }: Pick<Facts, "accounts">): Schemas["Number"][] {
  return accounts.filter((account) => !account.disconnected_at).flatMap((account) => account.numbers);
}

/** What is done. */
export function doneOf(facts: Facts): Record<StartStep, boolean> {
  const heard = numbersOf(facts).some((number) => number.heard_at) || facts.conversations.some((one) => one.last_message);
  return {
    connect: numbersOf(facts).length > 0,
    knowledge: facts.sources.some((source) => source.state === "ready"),
    write: heard,
    watch: facts.conversations.some(isAnswered),
    invite: facts.people > 1,
  };
}

/** Whether somebody or the AI has answered: the last word is ours, or the AI gave the conversation to people. */
function isAnswered({ last_message: last, ai }: Schemas["Conversation"]): boolean {
  return last?.direction === "outbound" || (last !== undefined && last !== null && ai.state === "handed_off");
}

/** The first that is not done. */
export function nextOf(done: Record<StartStep, boolean>): StartStep | null {
  return STEPS.find((step) => !done[step]) ?? null;
}

/** What happened today, as far as the newest conversations tell. */
export interface Today {
  /** Conversations with a message of today. */
  active: number;
  /** People who wrote for the first time. */
  fresh: number;
  /** Whether there are more than were read. */
  more: boolean;
}

/** The newest conversations, and whether there are older ones; `midnight` in milliseconds. */
export function todayOf(conversations: readonly Schemas["Conversation"][], older: boolean, midnight: number): Today {
  const since = (at: number | undefined) => at !== undefined && date(at).getTime() >= midnight;
  const active = conversations.filter((one) => since(one.last_message?.at));
  return {
    active: active.length,
    fresh: active.filter((one) => since(one.created_at)).length,
    more: older && active.length === conversations.length,
  };
}
