import { describe, expect, it } from "vitest";
import { bodyOf, EMPTY, verdict, type Checked, type Report } from "./manual";

const words = { en: "", id: "" };
const bad = (field: string, trouble: "app_secret_wrong" | "token_of_another_app"): Checked => ({
  field,
  good: false,
  warnings: [],
  problem: { trouble, turn: "client", sentence: words, action: words },
});
const report = (...fields: Checked[]): Report => ({ good: false, fields });

describe("the verdict on a field", () => {
  it("waits until something was entered", () => {
    const found = report({ field: "waba_id", good: false, warnings: [] });
    expect(verdict(found, "waba_id", " ")).toBeUndefined();
    expect(verdict(found, "waba_id", "7")).toBe(found.fields[0]);
    expect(verdict(undefined, "waba_id", "7")).toBeUndefined();
  });

  it("stands beside the secret where the secret is wrong, beside the id otherwise", () => {
    const secret = report(bad("app", "app_secret_wrong"));
    expect(verdict(secret, "app", "1")).toBeUndefined();
    expect(verdict(secret, "app_secret", "1")).toBe(secret.fields[0]);
    const other = report(bad("app", "token_of_another_app"));
    expect(verdict(other, "app", "1")).toBe(other.fields[0]);
    expect(verdict(other, "app_secret", "1")).toBeUndefined();
  });
});

it("names an own app only where it is said to be one", () => {
  const values = { ...EMPTY, token: "EAA", app_id: "1", app_secret: "s" };
  expect(bodyOf(values)).toMatchObject({ app_id: null, app_secret: null, mode: "tech_provider" });
  expect(bodyOf({ ...values, own: true })).toMatchObject({ app_id: "1", app_secret: "s", mode: "direct" });
});
