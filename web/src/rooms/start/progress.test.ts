import { describe, expect, it } from "vitest";
import { doneOf, nextOf, todayOf, type Facts } from "./progress";

const EMPTY: Facts = { accounts: [], sources: [], conversations: [], people: 1 };
const number = (heard_at: number | null) => ({ heard_at }) as Facts["accounts"][number]["numbers"][number];
const account = (more: object) => ({ numbers: [number(null)], ...more }) as unknown as Facts["accounts"][number];
const source = (state: string) => ({ state }) as Facts["sources"][number];
const conversation = (direction: string, ai = "on", at = 0, created_at = 0) =>
  ({ created_at, ai: { state: ai }, last_message: { direction, at } }) as Facts["conversations"][number];

describe("how far an organisation is", () => {
  it("begins with connecting", () => {
    expect(nextOf(doneOf(EMPTY))).toBe("connect");
    expect(doneOf({ ...EMPTY, accounts: [account({ disconnected_at: 1 })] }).connect).toBe(false);
  });

  it("goes on with what is missing, whatever came first", () => {
    const facts = { ...EMPTY, accounts: [account({})], sources: [source("failed")] };
    expect(nextOf(doneOf(facts))).toBe("knowledge");
    expect(nextOf(doneOf({ ...facts, sources: [source("ready")] }))).toBe("write");
  });

  it("counts a message as heard and an answer as an answer", () => {
    const facts = { ...EMPTY, accounts: [account({ numbers: [number(7)] })], sources: [source("ready")] };
    expect(nextOf(doneOf(facts))).toBe("watch");
    expect(doneOf({ ...facts, conversations: [conversation("inbound")] }).watch).toBe(false);
    expect(doneOf({ ...facts, conversations: [conversation("inbound", "handed_off")] }).watch).toBe(true);
    expect(nextOf(doneOf({ ...facts, conversations: [conversation("outbound")] }))).toBe("invite");
    expect(nextOf(doneOf({ ...facts, conversations: [conversation("outbound")], people: 2 }))).toBeNull();
  });
});

it("counts today's conversations and tells where there are more than were read", () => {
  const midnight = 1_000;
  const some = [conversation("inbound", "on", 2_000_000, 2_000_000), conversation("inbound", "on", 1_500_000, 10)];
  expect(todayOf(some, true, midnight)).toEqual({ active: 2, fresh: 1, more: true });
  expect(todayOf([...some, conversation("inbound", "on", 5)], true, midnight)).toEqual({ active: 2, fresh: 1, more: false });
});
