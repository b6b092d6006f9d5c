/** The list of suggestions above the field; the field keeps the focus. */
import { Paper, Text, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Composer.module.css";

/** Something that is offered. */
export interface Suggestion {
  id: string;
  label: string;
  about?: string;
  /** What takes the place of what was typed. */
  text: string;
}

interface SuggestionsProps {
  id: string;
  label: string;
  suggestions: readonly Suggestion[];
  active: number;
  onChoose: (suggestion: Suggestion) => void;
  footer?: ReactNode;
}

export function Suggestions({ id, label, suggestions, active, onChoose, footer }: SuggestionsProps) {
  return (
    <Paper withBorder shadow="md" className={classes.suggestions}>
      <div role="listbox" id={id} aria-label={label}>
        {suggestions.map((one, at) => (
          <UnstyledButton
            key={one.id}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            tabIndex={-1}
            className={classes.suggestion}
            // The field must not lose the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(one)}
          >
            <Text size="sm" fw={600}>
              {one.label}
            </Text>
            {one.about && (
              <Text size="xs" c="dimmed" truncate>
                {one.about}
              </Text>
            )}
          </UnstyledButton>
        ))}
      </div>
      {footer}
    </Paper>
  );
}
