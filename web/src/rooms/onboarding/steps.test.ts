import { describe, expect, it } from "vitest";
import type { Connection, Step, Trouble } from "./queries";
import { foundBy, isRenewed, remedyOf, stepsOf, waitsForDialog } from "./steps";

const connection = (more: Partial<Connection>): Connection => ({
  id: "c",
  app_id: "a",
  mode: "tech_provider",
  entry: "popup",
  variant: "standard",
  state: "working",
  sentence: { en: "", id: "" },
  started_by: "",
  candidates: [],
  created_at: 0,
  updated_at: 0,
  ...more,
});

const stopped = (step: Step["step"], trouble: Trouble["trouble"], status: Step["status"] = "needs_person"): Step => {
  const words = { en: "", id: "" };
  return { step, status, attempts: 1, problem: { trouble, turn: "client", sentence: words, action: words } };
};

describe("the steps shown", () => {
  const names = (more: Partial<Connection>) => stepsOf(connection(more)).map(({ step }) => step);

  it("are those of the mode and the kind of sign-up, in the server's order", () => {
    expect(names({})).toEqual([
      "exchange_code",
      "prove_access",
      "bind_account",
      "subscribe_app",
      "register_number",
      "sync",
      "check_funding",
      "first_message",
    ]);
    expect(names({ entry: "manual" })[0]).toBe("prove_access");
    expect(names({ variant: "coexistence" })).toContain("sync_business_app");
    expect(names({ variant: "coexistence" })).not.toContain("register_number");
    expect(names({ mode: "solution_partner" })).toContain("share_credit");
    expect(names({ mode: "solution_partner", variant: "app_only" })).not.toContain("share_credit");
  });

  it("keep whatever was begun", () => {
    const steps: Step[] = [{ step: "override_webhook", status: "done", attempts: 1 }];
    expect(stepsOf(connection({ steps }))[4]).toEqual(steps[0]);
  });
});

it("says that an account was renewed only where it was connected before", () => {
  const bound = (result: Step["result"]): Step => ({ step: "bind_account", status: "done", attempts: 1, result });
  expect(isRenewed(connection({ steps: [bound({ renewed: true })] }))).toBe(true);
  for (const result of [{ renewed: false }, {}, null]) {
    expect(isRenewed(connection({ steps: [bound(result)] }))).toBe(false);
  }
  expect(isRenewed(connection({}))).toBe(false);
});

it("waits for the dialog until there is a code", () => {
  expect(waitsForDialog(connection({ state: "started" }))).toBe(true);
  const steps = [stopped("exchange_code", "code_missing")];
  expect(waitsForDialog(connection({ state: "needs_person", steps }))).toBe(true);
  expect(waitsForDialog(connection({ state: "code_received" }))).toBe(false);
  expect(waitsForDialog(connection({ state: "abandoned", steps }))).toBe(false);
});

describe("the way on", () => {
  it("is Meta's window where only a new code helps, the same step where that will do", () => {
    expect(remedyOf(stopped("exchange_code", "code_expired"), "popup")).toBe("dialog");
    expect(remedyOf(stopped("prove_access", "no_account_found"), "popup")).toBe("dialog");
    expect(remedyOf(stopped("prove_access", "no_account_found"), "manual")).toBe("retry");
    expect(remedyOf(stopped("check_funding", "unfunded", "waiting"), "popup")).toBe("retry");
  });

  it("asks for what is missing", () => {
    expect(remedyOf(stopped("prove_access", "several_accounts"), "popup")).toBe("choose");
    expect(remedyOf(stopped("register_number", "wrong_pin"), "popup")).toBe("pin");
    expect(remedyOf(stopped("subscribe_app", "foreign_override"), "popup")).toBe("confirm");
  });

  it("is nothing for what goes on by itself", () => {
    expect(remedyOf(stopped("sync", "name_declined", "done"), "popup")).toBe("none");
    expect(remedyOf({ step: "sync", status: "running" }, "popup")).toBe("none");
  });
});

it("gives a sentence what a step found", () => {
  expect(foundBy({ step: "sync", result: { numbers: 2, asked: ["a"] }, proof: { numbers: 1, read: null } })).toEqual({
    numbers: 2,
    asked: 1,
  });
});
