/** Sizes and languages as people say them. */

/** 1_572_864 → "1.5 MB". */
export function fileSize(bytes: number, locale: string): string {
  const [unit, size] = bytes < 1e6 ? (["kilobyte", bytes / 1e3] as const) : (["megabyte", bytes / 1e6] as const);
  const digits = size < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(
    Math.max(size, 0.1),
  );
}

/** "id" → "Indonesian". */
export function languageName(code: string, locale: string): string {
  return new Intl.DisplayNames(locale, { type: "language" }).of(code) ?? code;
}
