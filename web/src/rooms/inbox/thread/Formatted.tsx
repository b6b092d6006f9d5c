/** A text as WhatsApp shows it, with the words of a search marked. */
import { Anchor, Code } from "@mantine/core";
import { Fragment, memo, type ReactNode } from "react";
import { format, type Block, type Inline } from "@/whatsapp/format";
import { Marked } from "../list/Marked";
import { callsIn } from "../composer/suggest";
import classes from "./Formatted.module.css";

interface FormattedProps {
  text: string;
  /** Words to mark. */
  words?: readonly string[];
  /** Who is called by it, by name. */
  called?: readonly string[];
}

/** What is marked within a text. */
type Marks = Required<Pick<FormattedProps, "words" | "called">>;

export const Formatted = memo(function Formatted({ text, words = [], called = [] }: FormattedProps) {
  const marks = { words, called };
  return (
    <div className={classes.text} dir="auto">
      {format(text).map((block, at) => (
        <BlockShown key={at} block={block} marks={marks} />
      ))}
    </div>
  );
});

function BlockShown({ block, marks }: { block: Block; marks: Marks }) {
  switch (block.type) {
    case "code":
      return <pre className={classes.code}>{block.text}</pre>;
    case "quote":
      return <blockquote className={classes.quote}>{lines(block.lines, marks)}</blockquote>;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List className={classes.list} start={block.ordered ? block.start : undefined}>
          {block.items.map((item, at) => (
            <li key={at}>{parts(item, marks)}</li>
          ))}
        </List>
      );
    }
    case "paragraph":
      return <p className={classes.paragraph}>{lines(block.lines, marks)}</p>;
  }
}

function lines(all: readonly Inline[][], marks: Marks): ReactNode {
  return all.map((line, at) => (
    <Fragment key={at}>
      {at > 0 && <br />}
      {parts(line, marks)}
    </Fragment>
  ));
}

function parts(all: readonly Inline[], marks: Marks): ReactNode {
  return all.map((part, at) => <PartShown key={at} part={part} marks={marks} />);
}

function PartShown({ part, marks }: { part: Inline; marks: Marks }) {
  switch (part.type) {
    case "text":
      return marks.called.length > 0 ? calls(part.text, marks.called) : <Marked text={part.text} words={marks.words} />;
    case "code":
      return <Code className={classes.inlineCode}>{part.text}</Code>;
    case "link":
      return (
        <Anchor href={part.href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
          <Marked text={part.text} words={marks.words} />
        </Anchor>
      );
    case "bold":
      return <strong>{parts(part.children, marks)}</strong>;
    case "italic":
      return <em>{parts(part.children, marks)}</em>;
    case "strike":
      return <s>{parts(part.children, marks)}</s>;
  }
}

/** A text with the people whom it calls standing out. */
function calls(text: string, called: readonly string[]): ReactNode {
  return callsIn(text, called).map(({ text: part, isCall }, at) =>
    isCall ? (
      <span key={at} className={classes.call}>
        {part}
      </span>
    ) : (
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}
