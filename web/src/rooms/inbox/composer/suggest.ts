/** What is offered while somebody types: canned replies after `/`, members after `@` in a note. */

/** A word that asks for suggestions, and where it stands in the text. */
export interface Asked {
  sign: "/" | "@";
  word: string;
  /** Where the sign stands. */
  from: number;
}

/** What the text before the caret asks for: `/` opens a message, `@` a word of a note. */
export function asked(text: string, caret: number, isNote: boolean): Asked | null {
  const before = text.slice(0, caret);
  const match = isNote ? /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(before) : /^\/([\p{L}\p{N}_-]*)$/u.exec(before);
  if (!match) return null;
  const word = match[1] ?? "";
  return { sign: isNote ? "@" : "/", word, from: caret - word.length - 1 };
}

/** The text with a suggestion in the place of what asked for it, and where the caret goes. */
export function accepted(text: string, caret: number, { from }: Asked, suggestion: string): { text: string; caret: number } {
  return { text: text.slice(0, from) + suggestion + text.slice(caret), caret: from + suggestion.length };
}

/** A canned reply as it is sent to somebody. */
export function cannedText(text: string, name: string): string {
  return text.replaceAll(/\{\{\s*name\s*\}\}/g, name);
}

/** The members that a note calls by `@Name`. */
export function mentioned(text: string, members: readonly { id: string; name: string }[]): string[] {
  return members.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id);
}

/** A text in parts: those that call somebody, `@Name`, and those between. Of names that begin alike the longest is called. */
export function callsIn(text: string, names: readonly string[]): { text: string; isCall: boolean }[] {
  const parts: { text: string; isCall: boolean }[] = [];
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  let from = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(at + 1, from))) {
    const name = longestFirst.find((one) => text.startsWith(one, at + 1));
    if (!name) continue;
    if (at > from) parts.push({ text: text.slice(from, at), isCall: false });
    from = at + 1 + name.length;
    parts.push({ text: text.slice(at, from), isCall: true });
  }
  if (from < text.length) parts.push({ text: text.slice(from), isCall: false });
  return parts;
}
