/** What keys are called in the list of keys. */

/** What is pressed, as far as it tells which key it is. */
export type Press = Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">;

/**
 * The name of a key: `j`, `?`, `Alt+c`. Nothing with other modifiers, which are the browser's. Where Alt makes another
 * sign of a letter, as on a Mac, the letter is told by its place.
 */
export function keyOf({ key, code, altKey, ctrlKey, metaKey, shiftKey }: Press): string | null {
  if (ctrlKey || metaKey) return null;
  if (!altKey) return key;
  if (shiftKey) return null;
  const letter = /^[a-z]$/i.test(key) ? key : /^Key([A-Z])$/.exec(code)?.[1];
  return letter ? `Alt+${letter.toLowerCase()}` : null;
}
