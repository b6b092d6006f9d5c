import { describe, expect, it } from "vitest";
import { ApiProblem, NotReached } from "@/api/problem";
import { afterFailure, CODE_LIVES_MS, IDLE, lasts, next, type Happened } from "./flow";

const after = (...events: Happened[]) => events.reduce(next, IDLE);
const opened: Happened[] = [{ what: "asked" }, { what: "prepared" }, { what: "opened" }];
const finished: Happened = { what: "said", said: { kind: "finished" } };
const cancelled: Happened = { what: "said", said: { kind: "cancelled", step: "PERMISSIONS" } };
const failed: Happened = { what: "said", said: { kind: "failed", message: "No", code: "1" } };
const code: Happened = { what: "returned", code: true };
const nothing: Happened = { what: "returned", code: false };
const taken: Happened = { what: "taken" };

describe("an attempt", () => {
  it("ends with the code, before or after the message, with one or two", () => {
    for (const order of [[finished, code], [code, finished], [code, code], [finished, finished, code], [code]]) {
      expect(after(...opened, ...order).phase).toBe("sending");
      expect(after(...opened, ...order, taken, finished, nothing).phase).toBe("taken");
    }
  });

  it("takes a code that comes after the window seemed closed", () => {
    expect(after(...opened, nothing, code).phase).toBe("sending");
    expect(after(...opened, { what: "time_up" }, code).phase).toBe("sending");
  });

  it("tells why there was no code, whichever was heard first", () => {
    expect(after(...opened, nothing).phase).toBe("closed");
    for (const [said, phase] of [[finished, "no_code"], [cancelled, "cancelled"], [failed, "failed"]] as const) {
      expect(after(...opened, said).phase).toBe("open");
      expect(after(...opened, said, nothing).phase).toBe(phase);
      expect(after(...opened, nothing, said).phase).toBe(phase);
    }
    expect(after(...opened, finished, cancelled, nothing).phase).toBe("no_code");
  });

  it("begins anew with another window", () => {
    const again = after(...opened, cancelled, nothing, { what: "opened" });
    expect(again).toMatchObject({ phase: "open", said: null });
  });

  it("knows an open window by its voice", () => {
    const blocked = after({ what: "asked" }, { what: "prepared" }, { what: "blocked" });
    expect(blocked.phase).toBe("blocked");
    expect(next(blocked, finished).phase).toBe("open");
  });

  it("is not shaken while the code is on its way", () => {
    const sending = after(...opened, code);
    for (const event of [nothing, cancelled, { what: "time_up" }, { what: "blocked" }] satisfies Happened[]) {
      expect(next(sending, event)).toEqual(sending);
    }
    const offline = next(sending, { what: "unreachable" });
    expect(offline).toMatchObject({ phase: "sending", unreachable: true });
    expect(next(offline, { what: "late" })).toMatchObject({ phase: "late", unreachable: false });
  });
});

describe("a code that could not be handed in", () => {
  const over = new ApiProblem(403, "signup_state_invalid", "", "");

  it("is handed in again while it lives", () => {
    for (const error of [new NotReached(null), new ApiProblem(503, "busy", "", ""), new ApiProblem(429, "slow", "", "")]) {
      expect(afterFailure(error, 1, 100)).toBe("again");
      expect(afterFailure(error, 9, CODE_LIVES_MS)).toBe("late");
    }
  });

  it("was taken where a later try finds the attempt over", () => {
    expect(afterFailure(over, 2, 100)).toBe("taken");
    expect(afterFailure(over, 1, 100)).toBe("refused");
  });

  it("is not handed in again after a refusal", () => {
    expect(afterFailure(new ApiProblem(409, "connection_closed", "", ""), 1, 100)).toBe("refused");
  });
});

it("lasts at most ten minutes, whatever the clocks say", () => {
  expect(lasts(70_000, 10_000)).toBe(60_000);
  expect(lasts(5_000, 10_000)).toBe(600_000);
  expect(lasts(1e12, 0)).toBe(600_000);
});
