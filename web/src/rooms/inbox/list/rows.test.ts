import { describe, expect, it } from "vitest";
import type { Conversation } from "../places";
import { allRows, withRow, type Rows } from "./rows";

const row = (id: string, at: number): Conversation =>
  ({ id, created_at: 0, last_message: { at }, contact: { labels: [] } }) as unknown as Conversation;

/** Pages such as `["a9 b7", "c5"]`; a last page that is followed by more ends with `…`. */
function rows(...pages: string[]): Rows {
  return {
    pages: pages.map((page) => ({
      items: [...page.matchAll(/([a-z])(\d)/g)].map(([, id = "", at]) => row(id, Number(at))),
      next: page.endsWith("…") ? "more" : null,
    })),
    pageParams: pages.map(() => null),
  };
}

const shown = ({ pages }: Rows) => pages.map((page) => page.items.map((one) => one.id).join("")).join(" ");

describe("a row that changed", () => {
  it("moves to its place", () => {
    expect(shown(withRow(rows("a9 b7", "c5 d3"), row("d", 8), true))).toBe("adb c");
    expect(shown(withRow(rows("a9 b7", "c5 d3"), row("a", 9), true))).toBe("ab cd");
  });

  it("comes in where it was not", () => {
    expect(shown(withRow(rows("a9 b7"), row("x", 8), true))).toBe("axb");
    expect(shown(withRow(rows(""), row("x", 8), true))).toBe("x");
  });

  it("goes where it no longer belongs", () => {
    expect(shown(withRow(rows("a9 b7"), row("b", 7), false))).toBe("a");
  });

  it("stays out where it belongs beyond what was read", () => {
    expect(shown(withRow(rows("a9 b7…"), row("x", 1), true))).toBe("ab");
    expect(shown(withRow(rows("a9 b7"), row("x", 1), true))).toBe("abx");
  });

  it("changes nothing where it is none of the list's", () => {
    const before = rows("a9 b7");
    expect(withRow(before, row("x", 8), false)).toBe(before);
  });

  it("orders rows of one moment as the server does", () => {
    expect(shown(withRow(rows("b5 a5"), row("c", 5), true))).toBe("cba");
  });
});

it("shows a row once that two pages hold", () => {
  expect(allRows(rows("a9 b7", "b7 c5").pages).map((one) => one.id)).toEqual(["a", "b", "c"]);
});
