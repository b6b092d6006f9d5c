/**
 * The rows of a thread, from its messages: days are set apart, what belongs together is grouped, reactions,
 * corrections and deletions stand at the message that they are about, and what is still on its way comes last.
 */
import type { Schemas } from "@/api/client";
import type { Pending } from "../composer/outbox";
import type { Message } from "./stretch";

/** A note of a member to the others. */
type Note = Schemas["Note"];

/** Something that was done with the conversation. */
export type Deed = Schemas["ConversationDeed"];

/** A reaction that stands. */
export interface Reaction {
  emoji: string;
  /** Whose it is. */
  direction: Message["direction"];
}

/** A row of a thread. */
export type Row =
  | { type: "day"; key: string; at: number }
  | { type: "unread"; key: string; count: number }
  | {
      type: "message";
      key: string;
      message: Message;
      /** The correction, where there is one. */
      edit: Message | null;
      /** The contact took it back. */
      isRevoked: boolean;
      reactions: Reaction[];
      /** Begins a group of one author. */
      isFirst: boolean;
    }
  | { type: "note"; key: string; note: Note }
  | { type: "deed"; key: string; deed: Deed }
  | { type: "pending"; key: string; pending: Pending; isFirst: boolean };

/** What the same author writes within this time is a group. */
const GROUP_MICROS = 5 * 60 * 1_000_000;

/** The kinds that change another message and are none of their own. */
const ABOUT: ReadonlySet<Message["kind"]> = new Set(["reaction", "edit", "revoke"]);

/** What a row needs to know beside the messages. */
interface Given {
  messages: readonly Message[];
  pending: readonly Pending[];
  /** Those that were written within the messages. */
  notes?: readonly Note[];
  /** The same of what was done. */
  deeds?: readonly Deed[];
  /** How many messages nobody had looked at when the thread was opened, and the first of them. */
  unread?: { from: string; count: number } | null;
}

/** The rows of a thread. */
export function timeline({ messages, pending, notes = [], deeds = [], unread }: Given): Row[] {
  const known = new Set(messages.map((message) => message.id));
  const about = new Map<string, Message[]>();
  for (const message of messages) {
    const target = message.reply_to;
    if (target && ABOUT.has(message.kind) && known.has(target)) about.set(target, [...(about.get(target) ?? []), message]);
  }
  const rows: Row[] = [];
  let before: Message | null = null;
  let day = "";
  const daySet = (at: number) => {
    if (day === dayOf(at)) return;
    day = dayOf(at);
    rows.push({ type: "day", key: `day ${day}`, at });
    before = null;
  };
  const left = [
    ...notes.map((note) => ({ at: note.created_at, row: { type: "note", key: note.id, note } satisfies Row })),
    ...deeds.map((deed) => ({ at: deed.at, row: { type: "deed", key: deed.id, deed } satisfies Row })),
  ].sort((a, b) => a.at - b.at);
  const othersUntil = (at: number) => {
    for (let next = left[0]; next && next.at < at; next = left[0]) {
      daySet(next.at);
      rows.push(next.row);
      before = null;
      left.shift();
    }
  };
  for (const message of messages) {
    othersUntil(message.at);
    if (ABOUT.has(message.kind) && message.reply_to && known.has(message.reply_to)) continue;
    daySet(message.at);
    if (unread?.from === message.id) {
      rows.push({ type: "unread", key: "unread", count: unread.count });
      before = null;
    }
    rows.push(messageRow(message, before, about.get(message.id) ?? []));
    before = message;
  }
  othersUntil(Infinity);
  const arrived = new Set(messages.map((message) => message.client_ref));
  const waiting = pending.filter((one) => !arrived.has(one.ref));
  waiting.forEach((one, index) => {
    const isFirst = index === 0 && before?.author !== "member";
    rows.push({ type: "pending", key: one.ref, pending: one, isFirst });
  });
  return rows;
}

function messageRow(message: Message, before: Message | null, about: readonly Message[]): Row {
  return {
    type: "message",
    // The same row as while it was on its way.
    key: message.client_ref ?? message.id,
    message,
    edit: about.filter((one) => one.kind === "edit").at(-1) ?? null,
    isRevoked: about.some((one) => one.kind === "revoke"),
    reactions: reactions(about),
    isFirst: !before || !isSameGroup(before, message),
  };
}

/** Each side has one reaction at most: its last. Without an emoji it was taken back. */
function reactions(about: readonly Message[]): Reaction[] {
  const last = new Map<Message["direction"], string>();
  for (const { kind, direction, body, state } of about) {
    if (kind === "reaction" && state !== "failed" && state !== "refused") last.set(direction, body);
  }
  return [...last].filter(([, emoji]) => emoji !== "").map(([direction, emoji]) => ({ direction, emoji }));
}

function isSameGroup(before: Message, message: Message): boolean {
  return (
    before.author === message.author &&
    (message.author === "ai" || before.author_id === message.author_id) &&
    message.at - before.at < GROUP_MICROS
  );
}

/** The day of a moment, where the person is. */
export function dayOf(micros: number): string {
  const moment = new Date(micros / 1000);
  return `${moment.getFullYear()}-${moment.getMonth() + 1}-${moment.getDate()}`;
}
