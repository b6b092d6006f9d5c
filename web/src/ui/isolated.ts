/** A phone number or name within a sentence: its direction does not disturb the sentence's, nor the sentence's its own. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
