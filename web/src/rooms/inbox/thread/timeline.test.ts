import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import type { Pending } from "../composer/outbox";
import type { Message } from "./stretch";
import { timeline, type Row } from "./timeline";

const MINUTE = 60_000_000;
const NOON = new Date(2026, 10, 20, 12).getTime() * 1000;

function message(id: string, more: Partial<Message> = {}): Message {
  return { id, at: NOON, kind: "text", author: "contact", direction: "inbound", body: id, state: "received", ...more } as Message;
}

const rows = (messages: Message[], pending: Pending[] = []) => timeline({ messages, pending });
const keys = (all: Row[]) => all.map((row) => row.key);
const ofMessage = (all: Row[], id: string) => all.find((row) => row.type === "message" && row.message.id === id) as Extract<Row, { type: "message" }>;

describe("rows", () => {
  it("sets days apart", () => {
    const all = rows([message("a"), message("b", { at: NOON + 24 * 60 * MINUTE })]);
    expect(all.map((row) => row.type)).toEqual(["day", "message", "day", "message"]);
  });

  it("groups what one author writes in a short time", () => {
    const all = rows([
      message("a"),
      message("b", { at: NOON + MINUTE }),
      message("c", { at: NOON + 10 * MINUTE }),
      message("d", { at: NOON + 10 * MINUTE, author: "ai", direction: "outbound" }),
    ]);
    expect(["a", "b", "c", "d"].map((id) => ofMessage(all, id).isFirst)).toEqual([true, false, true, true]);
  });

  it("marks where the unread begins", () => {
    const all = timeline({ messages: [message("a"), message("b")], pending: [], unread: { from: "b", count: 1 } });
    expect(all.map((row) => row.type)).toEqual(["day", "message", "unread", "message"]);
  });
});

it("puts notes where they were written", () => {
  const note = (id: string, minutes: number) => ({ id, created_at: NOON + minutes * MINUTE }) as Schemas["Note"];
  const messages = [message("a"), message("b", { at: NOON + 4 * MINUTE })];
  const all = timeline({ messages, pending: [], notes: [note("n2", 9), note("n1", 2)] });
  expect(keys(all).slice(1)).toEqual(["a", "n1", "b", "n2"]);
  expect(ofMessage(all, "b").isFirst).toBe(true);
});

it("puts what was done where it was done", () => {
  const deed = { id: "d", what: "closed", at: NOON + MINUTE } as Schemas["ConversationDeed"];
  const all = timeline({ messages: [message("a"), message("b", { at: NOON + 2 * MINUTE })], pending: [], deeds: [deed] });
  expect(keys(all).slice(1)).toEqual(["a", "d", "b"]);
});

it("sets days apart for notes and for what was done, too", () => {
  const DAY = 24 * 60 * MINUTE;
  const deed = { id: "d", what: "closed", at: NOON + DAY } as Schemas["ConversationDeed"];
  const note = { id: "n", created_at: NOON + 2 * DAY } as Schemas["Note"];
  const messages = [message("a"), message("b", { at: NOON + DAY + MINUTE })];
  const all = timeline({ messages, pending: [], deeds: [deed], notes: [note] });
  expect(all.map((row) => row.type)).toEqual(["day", "message", "day", "deed", "message", "day", "note"]);
});

describe("what is about another message", () => {
  it("stands at it: each side's last reaction, corrections, deletions", () => {
    const all = rows([
      message("a"),
      message("1", { kind: "reaction", reply_to: "a", body: "👍" }),
      message("2", { kind: "reaction", reply_to: "a", body: "❤️" }),
      message("3", { kind: "reaction", reply_to: "a", body: "🙏", direction: "outbound", state: "sent" }),
      message("4", { kind: "edit", reply_to: "a", body: "corrected" }),
      message("b"),
      message("5", { kind: "revoke", reply_to: "b" }),
    ]);
    expect(keys(all).slice(1)).toEqual(["a", "b"]);
    const a = ofMessage(all, "a");
    expect(a.reactions).toEqual([
      { direction: "inbound", emoji: "❤️" },
      { direction: "outbound", emoji: "🙏" },
    ]);
    expect(a.edit?.body).toBe("corrected");
    expect(ofMessage(all, "b").isRevoked).toBe(true);
  });

  it("knows reactions that were taken back or never arrived", () => {
    const all = rows([
      message("a"),
      message("1", { kind: "reaction", reply_to: "a", body: "👍" }),
      message("2", { kind: "reaction", reply_to: "a", body: "" }),
      message("3", { kind: "reaction", reply_to: "a", body: "🙏", direction: "outbound", state: "failed" }),
    ]);
    expect(ofMessage(all, "a").reactions).toEqual([]);
  });

  it("stands by itself while the other is not here", () => {
    expect(keys(rows([message("1", { kind: "reaction", reply_to: "gone" })])).slice(1)).toEqual(["1"]);
  });
});

describe("what is on its way", () => {
  const pending = { ref: "ref-1", at: NOON } as Pending;

  it("comes last, and is one row with what it becomes", () => {
    const before = rows([message("a")], [pending]);
    const after = rows([message("a"), message("z", { client_ref: "ref-1", author: "member", direction: "outbound" })], [pending]);
    expect(keys(before)).toEqual(keys(after));
    expect(before.at(-1)?.type).toBe("pending");
    expect(after.at(-1)?.type).toBe("message");
  });
});
