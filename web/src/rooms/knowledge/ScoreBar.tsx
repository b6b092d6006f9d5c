/** A figure beside a bar that shows how it compares. */
import { Progress, Text } from "@mantine/core";
import classes from "./ScoreBar.module.css";

export function ScoreBar({ label, share, text }: { label: string; share: number; text: string }) {
  return (
    <div className={classes.score}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Progress value={Math.min(Math.max(share, 0), 1) * 100} size="sm" aria-label={`${label}: ${text}`} />
      <Text size="xs" ta="end">
        {text}
      </Text>
    </div>
  );
}
