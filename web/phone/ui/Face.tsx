/** Somebody's initials on a colour of their own, or a business's picture. Decoration: the name stands beside it. */
import classes from "./Face.module.css";

/** Colours to tell people apart. */
const COLOURS = 8;

function colour(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % COLOURS;
}

/** The first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]\S*/gu) ?? [];
  const first = (word?: string) => /^./u.exec(word ?? "")?.[0] ?? "";
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toUpperCase() || "?";
}

export function Face({ name, picture, size = 44 }: { name: string; picture?: string | null; size?: number }) {
  const style = { width: size, height: size, fontSize: size * 0.38 };
  if (picture) return <img className={classes.face} src={picture} alt="" style={style} />;
  return (
    <span aria-hidden className={classes.face} data-colour={colour(name)} style={style}>
      {initials(name)}
    </span>
  );
}
