/** The messages of a chat as the phone shows them: what is on it, with its edits, in days and runs. */
import type { Message } from "../api/types";
import { otherDay } from "../ui/times";
import { object, text } from "./wire";

export interface Shown {
  message: Message;
  /** From the person who holds the phone. */
  mine: boolean;
  /** What it says now, after edits. */
  content: unknown;
  edited: boolean;
  /** Taken back by its writer. */
  revoked: boolean;
  /** The first of its day. */
  opensDay: boolean;
  /** The first of its writer's run: it has the tail. */
  opensRun: boolean;
}

/** Kinds that change other messages, or are told to the business alone. */
const UNSEEN = new Set(["reaction", "edit", "revoke", "request_welcome"]);
/** Messages further apart than this are not of one run. */
const RUN_MS = 10 * 60_000;

/** Whether it is on the phone: written on it, or delivered to it. */
export function isOnPhone({ direction, status }: Message): boolean {
  return direction === "inbound" || ["delivered", "read", "played"].includes(status);
}

export function shown(messages: readonly Message[]): Shown[] {
  const edits = new Map<string, unknown>();
  const revoked = new Set<string>();
  for (const { kind, content } of messages) {
    const original = text(content, "original_message_id");
    if (kind === "revoke") revoked.add(original);
    if (kind === "edit") edits.set(original, edition(content));
  }
  const visible = messages.filter((message) => isOnPhone(message) && !UNSEEN.has(message.kind));
  return visible.map((message, index) => {
    const before = visible[index - 1];
    const opensDay = !before || otherDay(before.at, message.at);
    const edit = edits.get(message.id);
    return {
      message,
      mine: message.direction === "inbound",
      content: edit ?? message.content,
      edited: edit !== undefined,
      revoked: revoked.has(message.id),
      opensDay,
      opensRun: opensDay || before.direction !== message.direction || message.at - before.at > RUN_MS,
    };
  });
}

/** The content of an edited message: the object named after its type. */
function edition(content: unknown): unknown {
  const message = object(content, "message");
  return message?.[text(message, "type")];
}
