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
  drafts.write("c1", { text: "Baik, ", replyTo: "m1" });
  drafts.write("c2", { text: "Halo", replyTo: null });
  expect(new Drafts(keep, "ayu").read("c1")).toEqual({ text: "Baik, ", replyTo: "m1" });
  expect(new Drafts(keep, "budi").read("c1")).toEqual({ text: "", replyTo: null });
});

it("forgets a draft that was sent", () => {
  const drafts = new Drafts(keep, "ayu");
  drafts.write("c3", { text: "x", replyTo: null });
  const before = kept.size;
  drafts.write("c3", { text: "", replyTo: null });
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
  drafts.write("c", { text: "x", replyTo: null });
  expect(drafts.read("c")).toEqual({ text: "", replyTo: null });
  expect(new Drafts(null, "ayu").read("c").text).toBe("");
});
