/** Things one below the other: what each is, what is said of it, and what can be done with it. */
import { Group, Paper, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Rows.module.css";

export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Paper withBorder component="ul" aria-label={label} className={classes.rows}>
      {children}
    </Paper>
  );
}

interface RowProps {
  /** A face or an icon. */
  mark?: ReactNode;
  title: ReactNode;
  /** Small facts beneath the title. */
  facts?: ReactNode;
  /** Buttons and menus, at the end. */
  actions?: ReactNode;
  /** Whatever needs the whole width, beneath. */
  children?: ReactNode;
}

export function Row({ mark, title, facts, actions, children }: RowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        {mark}
        <Stack gap={4} className={classes.words}>
          <Text component="div" fw={600} className={classes.title}>
            {title}
          </Text>
          {facts && (
            <Text component="div" size="sm" c="dimmed" className={classes.facts}>
              {facts}
            </Text>
          )}
        </Stack>
        {actions && (
          <Group gap="xs" wrap="nowrap" className={classes.actions}>
            {actions}
          </Group>
        )}
      </div>
      {children && <div className={classes.below}>{children}</div>}
    </li>
  );
}

/** Small facts in one line, parted by dots. Empty ones are left out. */
export function Facts({ children }: { children: readonly ReactNode[] }) {
  return (
    <Group component="span" gap={0} align="baseline" className={classes.parted}>
      {children.filter(Boolean).map((fact, place) => (
        <span key={place}>{fact}</span>
      ))}
    </Group>
  );
}
