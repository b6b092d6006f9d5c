import { expect, it } from "vitest";
import { Drafts } from "./drafts";

const kept = new Map<string, string>();
const keep = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
};

it("keeps a draft for each person and conversation", () => {
  const drafts = new Drafts(keep, "ayu");
  drafts.write("c1", { text: "Baik, ", replyTo: "m1", isNote: false });
  drafts.write("c2", { text: "Halo", replyTo: null, isNote: false });
  expect(new Drafts(keep, "ayu").read("c1")).toEqual({ text: "Baik, ", replyTo: "m1", isNote: false });
  expect(new Drafts(keep, "budi").read("c1")).toEqual({ text: "", replyTo: null, isNote: false });
});

it("keeps a note a note, and reads drafts of before as messages", () => {
  const drafts = new Drafts(keep, "ayu");
  drafts.write("c4", { text: "Pelanggan lama", replyTo: null, isNote: true });
  expect(new Drafts(keep, "ayu").read("c4").isNote).toBe(true);
  kept.set("sapa.draft.ayu.c5", JSON.stringify({ text: "Halo", replyTo: null }));
  expect(drafts.read("c5")).toEqual({ text: "Halo", replyTo: null, isNote: false });
});

it("forgets a draft that was sent", () => {
  const drafts = new Drafts(keep, "ayu");
  drafts.write("c3", { text: "x", replyTo: null, isNote: false });
  const before = kept.size;
  drafts.write("c3", { text: "", replyTo: null, isNote: false });
  expect(kept.size).toBe(before - 1);
});

it("goes on where storage is full, forbidden or holds something else", () => {
  const broken = {
    getItem: () => "{not json",
    setItem: () => {
      throw new Error("QuotaExceeded");
    },
    removeItem: () => undefined,
  };
  const drafts = new Drafts(broken, "ayu");
  drafts.write("c", { text: "x", replyTo: null, isNote: false });
  expect(drafts.read("c")).toEqual({ text: "", replyTo: null, isNote: false });
  expect(new Drafts(null, "ayu").read("c").text).toBe("");
});
