/** How much a file is. */

const MB = 1024 * 1024;
const GB = 1024 * MB;

/** A length as people read it. */
export function bytes(length: number, language: string): string {
  const [value, unit] =
    length >= GB ? [length / GB, "gigabyte"] : length >= MB ? [length / MB, "megabyte"] : length >= 1024 ? [length / 1024, "kilobyte"] : [length, "byte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
