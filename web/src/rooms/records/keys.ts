/** What programs call something that people have named. */

/** A key of small letters, digits and `_` that none of `taken` is. */
export function keyOf(label: string, taken: readonly string[]): string {
  const plain = label
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 36);
  const key = plain === "" ? "field" : plain;
  if (!taken.includes(key)) return key;
  let n = 2;
  while (taken.includes(`${key}_${n}`)) n += 1;
  return `${key}_${n}`;
}
