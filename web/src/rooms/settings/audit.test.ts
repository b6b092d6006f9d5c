import { expect, it } from "vitest";
import { actorOf, hasMore, told } from "./audit";

const names = new Map([["01a", "Rina"]]);
const entry = { id: "1", actor: "member:01a", action: "member.role", target: "01a", details: { role: "agent", rights: ["x"] }, address: "", at: 1 };

it("names an actor where the name is known", () => {
  expect(actorOf("member:01a", names)).toEqual({ kind: "member", name: "Rina" });
  expect(actorOf("operator-key:99", names)).toEqual({ kind: "operator-key", name: undefined });
  expect(actorOf("system", names)).toEqual({ kind: "system", name: undefined });
});

it("tells a sentence the plain words of an entry", () => {
  expect(told(entry as never, names, "somebody")).toEqual({ target: "Rina", role: "agent" });
  expect(hasMore(entry as never)).toBe(true);
});
