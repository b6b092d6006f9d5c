/**
 * The part of a conversation that is here: messages without a gap, oldest first, and where the rest begins. Parts that
 * the server sends and single messages that changed are merged into it.
 */
import type { Schemas } from "@/api/client";

/** A message. */
export type Message = Schemas["Message"];

/** A part of a conversation without gaps. */
export interface Stretch {
  items: readonly Message[];
  /** Where older messages go on; `null` at the beginning of the conversation. */
  older: string | null;
  /** Where newer ones go on. */
  newer: string | null;
  /** Whether the server has newer ones that are not here. */
  hasNewer: boolean;
}

/** A part as the server sends it. */
export function stretch(part: Schemas["Thread"]): Stretch {
  return { items: part.items, older: part.older ?? null, newer: part.newer ?? null, hasNewer: part.has_newer };
}

/** The order of messages in a conversation. */
export function compare(one: Message, other: Message): number {
  return one.at - other.at || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** Both lists in order, each message once, as the second has it. */
function merged(had: readonly Message[], came: readonly Message[]): readonly Message[] {
  if (came.length === 0) return had;
  const newest = new Map(came.map((message) => [message.id, message]));
  return [...had.filter((message) => !newest.has(message.id)), ...came].sort(compare);
}

/** With the older messages that were asked for. */
export function withOlder(had: Stretch, part: Stretch): Stretch {
  return { ...had, items: merged(had.items, part.items), older: part.older };
}

/** With the newer messages that were asked for. */
export function withNewer(had: Stretch, part: Stretch): Stretch {
  return { ...had, items: merged(had.items, part.items), newer: part.newer ?? had.newer, hasNewer: part.hasNewer };
}

/** With the newest messages read anew: what was missed comes in, unless it lies beyond a gap. */
export function caughtUp(had: Stretch, newest: Stretch): Stretch {
  const [first, last] = [newest.items[0], had.items.at(-1)];
  if (!first || !last) return newest;
  if (compare(first, last) > 0 && newest.older !== null) {
    // Between what is here and what came are messages that nobody has read yet.
    return had.hasNewer ? had : newest;
  }
  return { items: merged(had.items, newest.items), older: had.older, newer: newest.newer, hasNewer: false };
}

/** With one message that is new or changed. The same where its place lies outside this part. */
export function withMessage(had: Stretch, message: Message): Stretch {
  const at = had.items.findIndex((one) => one.id === message.id);
  const known = had.items[at];
  if (known && compare(known, message) === 0) return { ...had, items: had.items.with(at, message) };
  if (known) return { ...had, items: merged(had.items, [message]) };
  const [first, last] = [had.items[0], had.items.at(-1)];
  if (had.older !== null && first && compare(message, first) < 0) return had;
  if (had.hasNewer && last && compare(message, last) > 0) return had;
  return { ...had, items: merged(had.items, [message]) };
}
