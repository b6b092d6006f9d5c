/** Where a text holds the words of a search: each whole or by its beginning, as the server finds them. */

/** Part of a text. */
export interface MarkedPart {
  text: string;
  isHit: boolean;
}

/** The words of a search. */
export function wordsOf(search: string): string[] {
  return [...new Set(search.match(/[\p{L}\p{N}]+/gu) ?? [])];
}

/** The text in parts, those that were looked for marked. */
export function marked(text: string, words: readonly string[]): MarkedPart[] {
  if (words.length === 0) return [{ text, isHit: false }];
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const found = new RegExp(`(?<![\\p{L}\\p{N}])(${longestFirst.join("|")})`, "giu");
  return text
    .split(found)
    .map((part, at) => ({ text: part, isHit: at % 2 === 1 }))
    .filter((part) => part.text !== "");
}
