/** Pairs in the making. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { filled, gaps } from "./pairs";
import type { Pair } from "./queries";

/** A pair in the making; the key keeps its place while others come and go. */
export interface PairDraft extends Pair {
  key: number;
}

let lastKey = 0;

/** Pairs to be edited; at least one, empty where there is none yet. */
export function drafts(pairs: readonly (Pair & { key?: number })[]): PairDraft[] {
  const some = pairs.length > 0 ? pairs : [{ question: "", answer: "" }];
  return some.map((pair) => ({ ...pair, key: pair.key ?? ++lastKey }));
}

/** Pairs that are edited, and what is wrong with them. `refused` is what the server said of them last. */
export function usePairs(initial: readonly Pair[], refused: unknown) {
  const { t } = useTranslation("knowledge");
  const [rows, setRows] = useState(() => drafts(initial));
  const [missing, setMissing] = useState<Record<string, string>>({});
  const pairs = filled(rows);
  /** Whether they may be sent; what is missing is shown where they may not. */
  const ready = () => {
    const found = gaps(pairs, t("pairs.gap"));
    setRows(drafts(rows.filter((row) => row.question.trim() || row.answer.trim())));
    setMissing(found);
    return Object.keys(found).length === 0;
  };
  const reset = (to: readonly Pair[]) => setRows(drafts(to));
  const said = refused instanceof ApiProblem ? refused.fields : {};
  return { rows, setRows, pairs, ready, reset, errors: { ...said, ...missing } };
}
