/** A text in which the words of a search are marked. */
import { Mark } from "@mantine/core";
import { Fragment } from "react";
import { marked } from "./marked";

export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  if (words.length === 0) return <>{text}</>;
  return marked(text, words).map(({ text: part, isHit }, at) =>
    isHit ? <Mark key={at}>{part}</Mark> : <Fragment key={at}>{part}</Fragment>,
  );
}
