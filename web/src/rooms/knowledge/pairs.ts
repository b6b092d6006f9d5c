/** Question–answer pairs out of tables: what one copies from a spreadsheet, or a CSV file. */
import type { Pair } from "./queries";

const QUESTION = /^(questions?|q|faq|pertanyaan|tanya|soal)$/i;
const ANSWER = /^(answers?|a|repl(y|ies)|jawaban|jawab|balasan)$/i;

/** The sign that parts the cells of the first line. */
function separator(text: string): string {
  const [line = ""] = text.replace(/"(?:[^"]|"")*"/g, "").split("\n");
  const count = (sign: string) => line.split(sign).length;
  return ["\t", ";", ","].reduce((best, sign) => (count(sign) > count(best) ? sign : best), "\t");
}

/** The cells of a table, line by line. Quoted cells may hold separators, line breaks and doubled quotes. */
export function cells(text: string): string[][] {
  const parted = separator(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.some(Boolean)) rows.push(row);
    row = [];
  };
  const all = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  for (let at = 0; at < all.length; at += 1) {
    const sign = all.charAt(at);
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (all.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && cell.trim() === "") {
      cell = "";
      quoted = true;
    } else if (sign === parted) endCell();
    else if (sign === "\n") endRow();
    else cell += sign;
  }
  endRow();
  return rows;
}

/** The pairs of a table: its columns "question" and "answer" where it names them, else its first two. */
export function pairsOf(text: string): Pair[] {
  const rows = cells(text);
  const [first = []] = rows;
  const named = [first.findIndex((cell) => QUESTION.test(cell)), first.findIndex((cell) => ANSWER.test(cell))] as const;
  const hasHead = named[0] >= 0 && named[1] >= 0;
  const [question, answer] = hasHead ? named : [0, 1];
  return rows
    .slice(hasHead ? 1 : 0)
    .map((row) => ({ question: row[question] ?? "", answer: row[answer] ?? "" }))
    .filter((pair) => pair.question || pair.answer);
}

/** Whether a paste is a piece of a spreadsheet rather than words. */
export function isTable(text: string): boolean {
  return text.includes("\t") && cells(text).every((row) => row.length > 1);
}

/** Pairs without the empty ones, as they are sent. */
export function filled(pairs: readonly Pair[]): Pair[] {
  return pairs
    .map(({ question, answer }) => ({ question: question.trim(), answer: answer.trim() }))
    .filter(({ question, answer }) => question || answer);
}

/** What the halves of pairs lack, by `pairs[3].answer`. */
export function gaps(pairs: readonly Pair[], sentence: string): Record<string, string> {
  const halves = pairs.flatMap((pair, place) =>
    (["question", "answer"] as const).filter((half) => !pair[half]).map((half) => [`pairs[${place}].${half}`, sentence] as const),
  );
  return Object.fromEntries(halves);
}
