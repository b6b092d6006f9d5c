/** The line in which an answer names its source. */

/** An answer without that line: what a person teaches names no source. */
export function withoutSource(answer: string): string {
  return answer.replace(/\n\n(?:Source|Sumber): [^\n]*$/, "");
}
