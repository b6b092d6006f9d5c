/** The parts of a number's page; the address names the one that is open. */
export const PARTS = ["standing", "profile", "name", "links", "pin", "history"] as const;
export type Part = (typeof PARTS)[number];

/** Reads the part from an address. */
export const readPart = (search: { part?: unknown }): { part?: Part } =>
  PARTS.includes(search.part as Part) ? { part: search.part as Part } : {};
