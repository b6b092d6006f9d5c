import { describe, expect, it } from "vitest";
import type { Message } from "../api/types";
import { shown } from "./shown";

let last = 0;
const message = (change: Partial<Message>): Message => ({
  id: `m${++last}`,
  sequence: last,
  number_id: "n",
  person_id: "p",
  direction: "inbound",
  kind: "text",
  content: { body: "Halo" },
  text: "Halo",
  context: null,
  category: null,
  at: new Date("2026-11-20T10:00:00").getTime() + last,
  status: "sent",
  history: [],
  failure: null,
  reaction: null,
  ...change,
});

describe("a chat", () => {
  it("shows what was written on the phone and what arrived, not what is on its way or failed", () => {
    const statuses = ["accepted", "sent", "delivered", "read", "played", "failed"] as const;
    const all = statuses.map((status) => message({ direction: "outbound", status }));
    expect(shown([message({ status: "accepted" }), ...all]).map((one) => one.message.status)).toEqual([
      "accepted",
      "delivered",
      "read",
      "played",
    ]);
  });

  it("applies edits and takes back what was taken back", () => {
    const first = message({});
    const second = message({});
    const edit = { original_message_id: first.id, message: { type: "text", text: { body: "Hai" } } };
    const found = shown([
      first,
      second,
      message({ kind: "edit", content: edit }),
      message({ kind: "revoke", content: { original_message_id: second.id } }),
      message({ kind: "reaction", content: { message_id: first.id, emoji: "👍" } }),
    ]);
    expect(found.map(({ content, edited, revoked }) => [content, edited, revoked])).toEqual([
      [{ body: "Hai" }, true, false],
      [{ body: "Halo" }, false, true],
    ]);
  });

  it("has days, and runs of one writer", () => {
    const at = (time: string) => new Date(`2026-11-${time}`).getTime();
    const found = shown([
      message({ at: at("19T23:59:00") }),
      message({ at: at("20T00:01:00") }),
      message({ at: at("20T00:02:00") }),
      message({ at: at("20T00:02:30"), direction: "outbound", status: "read" }),
      message({ at: at("20T00:40:00"), direction: "outbound", status: "read" }),
    ]);
    expect(found.map((one) => one.opensDay)).toEqual([true, true, false, false, false]);
    expect(found.map((one) => one.opensRun)).toEqual([true, true, false, true, true]);
  });
});
