import { describe, expect, it } from "vitest";
import { caughtUp, withMessage, withNewer, withOlder, type Message, type Stretch } from "./stretch";

/** A message named and placed by a letter: `b` stands between `a` and `c`. */
const message = (id: string, state = "sent"): Message => ({ id, at: id.charCodeAt(0), state }) as unknown as Message;

function part(ids: string, { older = null as string | null, hasNewer = false } = {}): Stretch {
  return { items: Array.from(ids, (id) => message(id)), older, newer: ids.at(-1) ?? null, hasNewer };
}

const ids = ({ items }: Stretch) => items.map((one) => one.id).join("");

describe("parts", () => {
  it("go before and after what is here, each message once", () => {
    const middle = part("ef", { older: "e", hasNewer: true });
    const grown = withNewer(withOlder(middle, part("cde", { older: "c" })), part("fgh"));
    expect(ids(grown)).toBe("cdefgh");
    expect(grown).toMatchObject({ older: "c", newer: "h", hasNewer: false });
  });

  it("keep the newest state of a message", () => {
    const newer = { ...part("f"), items: [message("f", "read")] };
    expect(withNewer(part("ef"), newer).items.at(-1)?.state).toBe("read");
  });
});

describe("a single message", () => {
  it("is put in its place", () => {
    expect(ids(withMessage(part("ace"), message("d")))).toBe("acde");
    expect(ids(withMessage(part(""), message("d")))).toBe("d");
  });

  it("takes the place of what it was", () => {
    const changed = withMessage(part("ace"), message("c", "read"));
    expect(ids(changed)).toBe("ace");
    expect(changed.items[1]?.state).toBe("read");
  });

  it("stays out where it would stand beyond a gap", () => {
    const had = part("de", { older: "d", hasNewer: true });
    expect(withMessage(had, message("a"))).toBe(had);
    expect(withMessage(had, message("z"))).toBe(had);
    expect(ids(withMessage(part("de"), message("a")))).toBe("ade");
  });
});

describe("catching up", () => {
  it("joins what overlaps and keeps what was read before", () => {
    const now = caughtUp(part("abcd", { older: "a" }), part("cdef", { older: "c" }));
    expect(ids(now)).toBe("abcdef");
    expect(now).toMatchObject({ older: "a", newer: "f", hasNewer: false });
  });

  it("begins anew where too much was missed", () => {
    expect(ids(caughtUp(part("ab"), part("xyz", { older: "x" })))).toBe("xyz");
  });

  it("leaves whoever reads an old part there", () => {
    const had = part("ab", { hasNewer: true });
    expect(caughtUp(had, part("xyz", { older: "x" }))).toBe(had);
  });

  it("takes the whole where the conversation was empty", () => {
    expect(ids(caughtUp(part(""), part("ab")))).toBe("ab");
    expect(ids(caughtUp(part("ab"), part("")))).toBe("");
  });
});
