import { expect, it } from "vitest";
import { actorOf, hasMore, outcome, told, beginningOf } from "./audit";

const names = new Map([["01a", "Rina"]]);
const entry = { id: "1", actor: "member:01a", action: "member.role", target: "01a", details: { role: "agent", rights: ["x"] }, address: "", at: 1 };

it("names an actor where the name is known", () => {
  expect(actorOf("member:01a", names)).toEqual({ kind: "member", name: "Rina" });
  expect(actorOf("operator-key:99", names)).toEqual({ kind: "operator-key", name: undefined });
  expect(actorOf("system", names)).toEqual({ kind: "system", name: undefined });
});

it("tells a sentence the plain words of an entry", () => {
  expect(told(entry as never, names, "somebody")).toMatchObject({ target: "Rina", name: "Rina", role: "agent" });
  expect(hasMore(entry as never)).toBe(true);
});

it("names what an entry came to, and people among its details", () => {
  const given = (after: unknown) => ({ ...entry, target: "c1", details: { after } }) as never;
  expect(told(given("01a"), names, "somebody")).toMatchObject({ after: "Rina", name: "…" });
  expect(outcome(given(null))).toBe("nobody");
  expect(outcome(given("01a"))).toBe("self");
  expect(outcome(given("handed_off"))).toBe("handed_off");
  expect(outcome(given(false))).toBe("false");
  expect(outcome(given(17))).toBeUndefined();
});

it("begins days where the reader is", () => {
  expect(beginningOf("")).toBeUndefined();
  expect(beginningOf("2026-03-01")).toBe(new Date(2026, 2, 1).getTime() * 1000);
  expect(beginningOf("2026-02-28", 1)).toBe(new Date(2026, 2, 1).getTime() * 1000);
});
