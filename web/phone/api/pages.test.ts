import { describe, expect, it } from "vitest";
import { flat, put, type Pages } from "./pages";
import type { Message } from "./types";

const message = (sequence: number, text = ""): Message => ({
  id: `m${sequence}`,
  sequence,
  number_id: "n",
  person_id: "p",
  direction: "inbound",
  kind: "text",
  content: { body: text },
  text,
  context: null,
  category: null,
  at: sequence,
  status: "sent",
  history: [],
  failure: null,
  reaction: null,
});
const page = (...sequences: number[]) => ({
  number: "n",
  person: "p",
  window_from: null,
  seen: 0,
  messages: sequences.map((sequence) => message(sequence)),
});
const pages: Pages = { pages: [page(5, 6, 8), page(2, 3)], pageParams: [undefined, 5] };
const sequences = (all: Pages | undefined) => flat(all).map((one) => one.sequence);

describe("pages of a chat", () => {
  it("are one list, the oldest first", () => expect(sequences(pages)).toEqual([2, 3, 5, 6, 8]));
  it("take a new message at the end", () => expect(sequences(put(pages, message(9)))).toEqual([2, 3, 5, 6, 8, 9]));
  it("take a late message at its place", () => expect(sequences(put(pages, message(7)))).toEqual([2, 3, 5, 6, 7, 8]));
  it("leave what is older to the pages before", () => expect(put(pages, message(1))).toBe(pages));
  it("change what they know, on whichever page", () => {
    expect(flat(put(pages, message(3, "new"))).map((one) => one.text)).toEqual(["", "new", "", "", ""]);
  });
  it("take a first message", () => {
    expect(sequences(put({ pages: [page()], pageParams: [undefined] }, message(1)))).toEqual([1]);
  });
  it("stay unread until they are read", () => expect(put(undefined, message(1))).toBeUndefined());
});
