import { expect, it } from "vitest";
import type { Call, Delivery } from "../api/types";
import { effectName } from "./effect";
import { merged } from "./Log";

it("tells calls and webhooks as one story, the latest first", () => {
  const call = (sequence: number, at: number): Call => ({ sequence, at, method: "POST", path: "/", body: null, status: 200, answer: null, took_us: 1 });
  const delivery = (sequence: number, at: number): Delivery => ({ sequence, at, url: "", fields: [], attempt: 1, status: 200, error: null, took_us: 1, body: null });
  const story = merged([call(2, 30), call(1, 10)], [delivery(9, 30), delivery(8, 20)]);
  expect(story.map(({ kind, it: { sequence } }) => `${kind} ${sequence}`)).toEqual(["delivery 9", "call 2", "delivery 8", "call 1"]);
});

it("names what a fault does", () => {
  const effects = ["drop_response", { delay_ms: 8000 }, { failure: "throughput" }, { failed_status: { code: 131049, title: "" } }] as const;
  expect(effects.map(effectName)).toEqual(["drop_response", "+8 s", "throughput", "131049"]);
});
