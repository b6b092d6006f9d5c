import { describe, expect, it } from "vitest";
import { healthOf, partsOf, people, profileOf, wantedName } from "./facts";
import type { PhoneNumber } from "./queries";

describe("a profile", () => {
  it("has every part, whatever was read", () => {
    expect(profileOf({ profile: null })).toEqual({
      about: "",
      address: "",
      description: "",
      email: "",
      websites: [],
      vertical: "",
      picture: undefined,
    });
    const read = profileOf({ profile: { about: "Kopi", websites: ["https://a.example", 5], picture_url: "https://p.example" } });
    expect([read.about, read.websites, read.picture]).toEqual(["Kopi", ["https://a.example"], "https://p.example"]);
  });

  it("tells which of its parts changed", () => {
    expect(partsOf({ old: '{"about":"a"}', new: '{"about":"b","picture":true}' })).toEqual(["about", "picture"]);
    expect(partsOf({ old: null, new: "not JSON" })).toEqual([]);
  });
});

it("Meta's check is told part by part", () => {
  const health = {
    can_send: "BLOCKED",
    entities: [
      { kind: "PHONE_NUMBER", notes: ["Not approved yet"], problems: [] },
      { kind: "WABA", problems: [{ code: 141006, description: "No payment method", solution: "Add one" }] },
    ],
  };
  expect(healthOf({ health })).toEqual({
    canSend: "BLOCKED",
    obstacles: [
      { part: "PHONE_NUMBER", words: "Not approved yet" },
      { part: "WABA", words: "No payment method", advice: "Add one" },
    ],
  });
  expect(healthOf({ health: null })).toEqual({ canSend: undefined, obstacles: [] });
});

it.each([
  [undefined, undefined, "none"],
  ["Kopi", "PENDING_REVIEW", "pending"],
  ["Kopi", "APPROVED", "approved"],
  [null, "DECLINED", "declined"],
])("a name asked for: %s %s is %s", (wanted_name, wanted_name_status, state) => {
  expect(wantedName({ wanted_name, wanted_name_status } as PhoneNumber)).toBe(state);
});

it.each([
  ["TIER_250", 250],
  ["TIER_2K", 2000],
  ["TIER_UNLIMITED", undefined],
])("%s is %s people", (tier, count) => expect(people(tier)).toBe(count));
