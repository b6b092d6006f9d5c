/** WhatsApp's marks in a text (`*bold*`, `_italic_`, `~struck~`, code, lists, quotes) and its links, as a tree. */

/** Part of a line. */
export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  | { type: "link"; text: string; href: string }
  | { type: "bold" | "italic" | "strike"; children: Inline[] };

/** Lines that belong together. */
export type Block =
  | { type: "paragraph"; lines: Inline[][] }
  | { type: "quote"; lines: Inline[][] }
  | { type: "list"; ordered: boolean; start: number; items: Inline[][] }
  | { type: "code"; text: string };

const MARKS: Readonly<Record<string, "bold" | "italic" | "strike">> = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}]/u;
const SPACE = /\s/;
const LINK = /(?:https?:\/\/|www\.)[^\s<>]+/iuy;
const FENCE = /```([^`]*\n[^`]*)```/g;
const BULLET = /^\s*[*•-]\s+(?=\S)/;
const NUMBER = /^\s*(\d{1,4})[.)]\s+(?=\S)/;
const QUOTE = /^>\s?/;

/** A text as blocks. */
export function format(text: string): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  for (const fence of text.matchAll(FENCE)) {
    blocks.push(...ofLines(text.slice(from, fence.index).replace(/\n$/, "")));
    blocks.push({ type: "code", text: (fence[1] ?? "").replace(/^\n|\n$/g, "") });
    from = fence.index + fence[0].length;
  }
  return [...blocks, ...ofLines(text.slice(from).replace(from > 0 ? /^\n/ : /$^/, ""))];
}

function ofLines(text: string): Block[] {
  if (text === "") return [];
  const blocks: Block[] = [];
  for (const line of text.split("\n")) {
    const last = blocks.at(-1);
    const number = NUMBER.exec(line);
    if (QUOTE.test(line)) {
      const words = inline(line.replace(QUOTE, ""));
      if (last?.type === "quote") last.lines.push(words);
      else blocks.push({ type: "quote", lines: [words] });
    } else if (number ?? BULLET.test(line)) {
      const item = inline(line.replace(number ? NUMBER : BULLET, ""));
      const ordered = number !== null;
      if (last?.type === "list" && last.ordered === ordered) last.items.push(item);
      else blocks.push({ type: "list", ordered, start: Number(number?.[1] ?? 1), items: [item] });
    } else if (last?.type === "paragraph") {
      last.lines.push(inline(line));
    } else {
      blocks.push({ type: "paragraph", lines: [inline(line)] });
    }
  }
  return blocks;
}

/** A line as its parts. */
export function inline(text: string): Inline[] {
  const parts: Inline[] = [];
  let plain = "";
  const push = (part: Inline) => {
    if (plain) parts.push({ type: "text", text: plain });
    plain = "";
    parts.push(part);
  };
  for (let at = 0; at < text.length; ) {
    const code = codeAt(text, at);
    const link = code ? null : linkAt(text, at);
    const marked = code || link ? null : markedAt(text, at);
    const found = code ?? link ?? marked;
    if (found) {
      push(found.part);
      at = found.end;
    } else {
      plain += text[at] ?? "";
      at += 1;
    }
  }
  if (plain) parts.push({ type: "text", text: plain });
  return parts;
}

interface Found {
  part: Inline;
  end: number;
}

function codeAt(text: string, at: number): Found | null {
  if (text[at] !== "`") return null;
  const fence = text.startsWith("```", at) ? "```" : "`";
  const close = text.indexOf(fence, at + fence.length);
  const inside = text.slice(at + fence.length, close);
  if (close < 0 || inside.trim() === "") return null;
  return { part: { type: "code", text: inside }, end: close + fence.length };
}

function linkAt(text: string, at: number): Found | null {
  if (at > 0 && WORD.test(text[at - 1] ?? "")) return null;
  LINK.lastIndex = at;
  const match = LINK.exec(text)?.[0];
  if (!match) return null;
  // What ends a sentence, or encloses the link, is no part of it.
  let link = match.replace(/[.,;:!?'"*_~…]+$/u, "");
  if (link.endsWith(")") && !link.includes("(")) link = link.slice(0, -1);
  const href = /^www\./i.test(link) ? `https://${link}` : link;
  return URL.canParse(href) ? { part: { type: "link", text: link, href }, end: at + link.length } : null;
}

/** A mark opens before a word and after none, and closes the other way round, on the same line. */
function markedAt(text: string, at: number): Found | null {
  const mark = text[at] ?? "";
  const type = MARKS[mark];
  const [before, after] = [text[at - 1] ?? " ", text[at + 1] ?? " "];
  if (!type || WORD.test(before) || SPACE.test(after) || after === mark) return null;
  for (let close = text.indexOf(mark, at + 2); close >= 0; close = text.indexOf(mark, close + 1)) {
    if (SPACE.test(text[close - 1] ?? " ") || WORD.test(text[close + 1] ?? " ")) continue;
    return { part: { type, children: inline(text.slice(at + 1, close)) }, end: close + 1 };
  }
  return null;
}

/** Whether a text is nothing but one to three emoji, which are shown large. */
export function isLargeEmoji(text: string): boolean {
  return /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic})/u.test(text) && emojiCount(text) <= 3;
}

function emojiCount(text: string): number {
  const signs = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))].map(({ segment }) => segment);
  return signs.every((sign) => /\p{Extended_Pictographic}/u.test(sign)) ? signs.length : Infinity;
}
