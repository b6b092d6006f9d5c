import { describe, expect, it } from "vitest";
import { access, factsOf, limit, quality } from "./health";

const NOW = Date.UTC(2026, 10, 20);
const inDays = (days: number) => (NOW + days * 86_400_000) * 1000;

describe("the access", () => {
  it("is told with the days that are left", () => {
    expect(access({ token: "valid", token_expires_at: inDays(59.5) }, NOW)).toMatchObject({ state: "lasts", count: 59 });
    expect(access({ token: "valid", token_expires_at: inDays(3) }, NOW)).toMatchObject({ state: "ending", tone: "watch" });
    expect(access({ token: "valid", token_expires_at: null }, NOW)).toMatchObject({ state: "endless", tone: "good" });
  });

  it("is bad once it ended, whatever was last seen of it", () => {
    expect(access({ token: "valid", token_expires_at: inDays(-1) }, NOW)).toMatchObject({ state: "expired", tone: "bad" });
    expect(access({ token: "revoked", token_expires_at: inDays(9) }, NOW)).toMatchObject({ state: "revoked", tone: "bad" });
    expect(access({ token: "suspect" }, NOW)).toMatchObject({ tone: "watch" });
  });
});

it("reads how many people a tier means", () => {
  const people = (tier: string | null) => limit({ messaging_limit: tier }).count;
  expect([people("TIER_250"), people("TIER_2K"), people("TIER_100K"), people(null)]).toEqual([250, 2000, 100_000, undefined]);
  expect(limit({ messaging_limit: "TIER_UNLIMITED" }).state).toBe("unlimited");
});

it("does not call a quality good that nobody rated", () => {
  expect(quality({ quality: "UNKNOWN" }).tone).toBe("unknown");
  expect(quality({ quality: "RED" }).tone).toBe("bad");
});

it("reads facts leniently", () => {
  expect(factsOf({ facts: null })).toEqual({ health: undefined, notes: [], restrictions: [] });
  const facts = { health: "BLOCKED", health_notes: ["141006: …"], restrictions: [{ kind: "X" }] };
  expect(factsOf({ facts })).toEqual({ health: "BLOCKED", notes: ["141006: …"], restrictions: ['{"kind":"X"}'] });
});
