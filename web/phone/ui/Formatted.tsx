/** A text as WhatsApp shows it: its formatting, and its addresses as links. */
import { Fragment, memo, type ReactNode } from "react";
import { format, isLargeEmoji, type Block, type Inline } from "@/whatsapp/format";
import classes from "./Formatted.module.css";

export const Formatted = memo(function Formatted({ text }: { text: string }) {
  if (isLargeEmoji(text.trim())) return <span className={classes.large}>{text.trim()}</span>;
  return (
    <div className={classes.text} dir="auto">
      {format(text).map(block)}
    </div>
  );
});

function block(it: Block, key: number): ReactNode {
  switch (it.type) {
    case "code":
      return (
        <pre key={key} className={classes.code}>
          {it.text}
        </pre>
      );
    case "quote":
      return (
        <blockquote key={key} className={classes.quote}>
          {lines(it.lines)}
        </blockquote>
      );
    case "list": {
      const List = it.ordered ? "ol" : "ul";
      return (
        <List key={key} className={classes.list} start={it.ordered ? it.start : undefined}>
          {it.items.map((item, index) => (
            <li key={index}>{item.map(part)}</li>
          ))}
        </List>
      );
    }
    case "paragraph":
      return (
        <p key={key} className={classes.paragraph}>
          {lines(it.lines)}
        </p>
      );
  }
}

function lines(all: readonly Inline[][]): ReactNode {
  return all.map((line, index) => (
    <Fragment key={index}>
      {index > 0 && <br />}
      {line.map(part)}
    </Fragment>
  ));
}

function part(it: Inline, key: number): ReactNode {
  switch (it.type) {
    case "text":
      return it.text;
    case "code":
      return (
        <code key={key} className={classes.inline}>
          {it.text}
        </code>
      );
    case "link":
      return (
        <a key={key} href={it.href} target="_blank" rel="noopener noreferrer nofollow">
          {it.text}
        </a>
      );
    case "bold":
      return <strong key={key}>{it.children.map(part)}</strong>;
    case "italic":
      return <em key={key}>{it.children.map(part)}</em>;
    case "strike":
      return <s key={key}>{it.children.map(part)}</s>;
  }
}
