import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { sent, valuesOf } from "./policy";

const settings = (given: object) => given as Schemas["OrgSettings"];

test("what is not set is sent as nothing, whatever the form suggests", () => {
  expect(sent(valuesOf(settings({ caps: {} })))).toEqual({ quiet_hours: null, caps: { marketing: null, utility: null } });
});

test("what is set comes back as it was", () => {
  const given = {
    quiet_hours: { from: "22:00", to: "07:30", clock: "organisation", purposes: ["marketing", "utility"] },
    caps: { marketing: { most: 2, days: 7 }, utility: null },
  };
  expect(sent(valuesOf(settings(given)))).toEqual(given);
});
