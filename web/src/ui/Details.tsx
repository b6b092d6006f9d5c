/** What only some want to see, folded away. */
import { Code } from "@mantine/core";
import classes from "./Details.module.css";

/** A piece of JSON beneath its name. */
export function JsonDetails({ summary, value }: { summary: string; value: unknown }) {
  return (
    <details className={classes.details}>
      <summary>{summary}</summary>
      <Code block tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </Code>
    </details>
  );
}
