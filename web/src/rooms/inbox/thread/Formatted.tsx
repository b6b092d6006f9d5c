/** A text as WhatsApp shows it, with the words of a search marked. */
import { Anchor, Code } from "@mantine/core";
import { Fragment, memo, type ReactNode } from "react";
import { format, type Block, type Inline } from "@/whatsapp/format";
import { Marked } from "../list/Marked";
import classes from "./Formatted.module.css";

interface FormattedProps {
  text: string;
  /** Words to mark. */
  words?: readonly string[];
}

export const Formatted = memo(function Formatted({ text, words = [] }: FormattedProps) {
  return (
    <div className={classes.text} dir="auto">
      {format(text).map((block, at) => (
        <BlockShown key={at} block={block} words={words} />
      ))}
    </div>
  );
});

function BlockShown({ block, words }: { block: Block; words: readonly string[] }) {
  switch (block.type) {
    case "code":
      return <pre className={classes.code}>{block.text}</pre>;
    case "quote":
      return <blockquote className={classes.quote}>{lines(block.lines, words)}</blockquote>;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List className={classes.list} start={block.ordered ? block.start : undefined}>
          {block.items.map((item, at) => (
            <li key={at}>{parts(item, words)}</li>
          ))}
        </List>
      );
    }
    case "paragraph":
      return <p className={classes.paragraph}>{lines(block.lines, words)}</p>;
  }
}

function lines(all: readonly Inline[][], words: readonly string[]): ReactNode {
  return all.map((line, at) => (
    <Fragment key={at}>
      {at > 0 && <br />}
      {parts(line, words)}
    </Fragment>
  ));
}

function parts(all: readonly Inline[], words: readonly string[]): ReactNode {
  return all.map((part, at) => <PartShown key={at} part={part} words={words} />);
}

function PartShown({ part, words }: { part: Inline; words: readonly string[] }) {
  switch (part.type) {
    case "text":
      return <Marked text={part.text} words={words} />;
    case "code":
      return <Code className={classes.inlineCode}>{part.text}</Code>;
    case "link":
      return (
        <Anchor href={part.href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
          <Marked text={part.text} words={words} />
        </Anchor>
      );
    case "bold":
      return <strong>{parts(part.children, words)}</strong>;
    case "italic":
      return <em>{parts(part.children, words)}</em>;
    case "strike":
      return <s>{parts(part.children, words)}</s>;
  }
}
