import { describe, expect, it } from "vitest";
import { format, inline, isLargeEmoji, type Inline } from "./format";

/** A tree as a short text: `<b>…</b>`. */
function short(parts: Inline[]): string {
  const tag = { bold: "b", italic: "i", strike: "s" } as const;
  return parts
    .map((part) => {
      if (part.type === "text") return part.text;
      if (part.type === "code") return `<c>${part.text}</c>`;
      if (part.type === "link") return `<a ${part.href}>${part.text}</a>`;
      return `<${tag[part.type]}>${short(part.children)}</${tag[part.type]}>`;
    })
    .join("");
}

describe("marks", () => {
  it.each([
    ["*bold* _italic_ ~struck~ `code`", "<b>bold</b> <i>italic</i> <s>struck</s> <c>code</c>"],
    ["*bold _and italic_*", "<b>bold <i>and italic</i></b>"],
    ["(*bold*), *two words*!", "(<b>bold</b>), <b>two words</b>!"],
    ["2*3*4 = 24", "2*3*4 = 24"],
    ["snake_case_name", "snake_case_name"],
    ["* not bold *", "* not bold *"],
    ["*left open", "*left open"],
    ["**", "**"],
    ["```mono *not bold*```", "<c>mono *not bold*</c>"],
    ["*héllo* _日本_", "<b>héllo</b> <i>日本</i>"],
    ["~Rp 100.000~ *Rp 85.000*", "<s>Rp 100.000</s> <b>Rp 85.000</b>"],
  ])("%s", (text, expected) => {
    expect(short(inline(text))).toBe(expected);
  });
});

describe("links", () => {
  it.each([
    ["see https://kopi.example/a_b_c?x=1.", "see <a https://kopi.example/a_b_c?x=1>https://kopi.example/a_b_c?x=1</a>."],
    ["(www.kopi.example)", "(<a https://www.kopi.example>www.kopi.example</a>)"],
    ["https://en.wikipedia.org/wiki/A_(b)", "<a https://en.wikipedia.org/wiki/A_(b)>https://en.wikipedia.org/wiki/A_(b)</a>"],
    ["*https://kopi.example*", "<b><a https://kopi.example>https://kopi.example</a></b>"],
    ["javascript:alert(1)", "javascript:alert(1)"],
    ["xhttps://kopi.example", "xhttps://kopi.example"],
  ])("%s", (text, expected) => {
    expect(short(inline(text))).toBe(expected);
  });
});

describe("blocks", () => {
  it("groups lists, quotes and paragraphs", () => {
    const blocks = format("Halo\nsemua\n- satu\n- dua\n3. tiga\n4. empat\n> kata\n> orang\nselesai");
    expect(blocks.map((block) => block.type)).toEqual(["paragraph", "list", "list", "quote", "paragraph"]);
    expect(blocks[2]).toMatchObject({ ordered: true, start: 3, items: [[{ text: "tiga" }], [{ text: "empat" }]] });
  });

  it("keeps code as it is", () => {
    expect(format("a\n```\n*x*\n  y\n```\nb")).toEqual([
      { type: "paragraph", lines: [[{ type: "text", text: "a" }]] },
      { type: "code", text: "*x*\n  y" },
      { type: "paragraph", lines: [[{ type: "text", text: "b" }]] },
    ]);
  });

  it("keeps empty lines", () => {
    expect(format("a\n\nb")).toEqual([
      { type: "paragraph", lines: [[{ type: "text", text: "a" }], [], [{ type: "text", text: "b" }]] },
    ]);
    expect(format("")).toEqual([]);
  });

  it("tells a bold line from a list", () => {
    expect(format("*Promo*")[0]?.type).toBe("paragraph");
    expect(format("* Promo")[0]?.type).toBe("list");
  });
});

it("finds messages of emoji alone", () => {
  expect(["👍", "🙏🏽", "👨‍👩‍👧 ❤️", "😀😀😀"].every(isLargeEmoji)).toBe(true);
  expect(["", "👍 ok", "😀😀😀😀", "12", "#"].some(isLargeEmoji)).toBe(false);
});
