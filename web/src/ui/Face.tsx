/** Somebody's picture, or their initials on a colour of their own. Decoration: the name stands beside it. */
import { Avatar, type MantineColor } from "@mantine/core";
import classes from "./Face.module.css";

const COLOURS: readonly MantineColor[] = ["sapa", "blue", "grape", "orange", "cyan", "pink", "indigo", "teal"];

function colour(name: string): MantineColor {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return COLOURS[sum % COLOURS.length] ?? "sapa";
}

function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}][^\s]*/gu) ?? [];
  const first = (word?: string) => /^./u.exec(word ?? "")?.[0] ?? "";
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toUpperCase();
}

interface FaceProps {
  name: string;
  size?: number;
  square?: boolean;
  /** Where a picture is; initials stand in for one that does not load. */
  src?: string;
}

export function Face({ name, size = 36, square = false, src }: FaceProps) {
  return (
    <Avatar aria-hidden src={src} color={colour(name)} size={size} radius={square ? "md" : "50%"} variant="light">
      <span className={classes.letters} data-letters={initials(name) || "?"} />
    </Avatar>
  );
}
