/** Reads Meta's objects, which are whatever was sent: what is not there, or is something else, is nothing. */
import type { Wire } from "../api/types";

function step(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
}

/** What lies at a path. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce(step, value);
}

/** A text at a path; numbers are read as texts. */
export function text(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : typeof found === "number" ? String(found) : "";
}

/** A number at a path. */
export function number(value: unknown, ...path: (string | number)[]): number | undefined {
  const found = text(value, ...path);
  return found !== "" && Number.isFinite(Number(found)) ? Number(found) : undefined;
}

/** A list of objects at a path. */
export function list(value: unknown, ...path: (string | number)[]): Wire[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter((one): one is Wire => typeof one === "object" && one !== null) : [];
}

/** An object at a path. */
export function object(value: unknown, ...path: (string | number)[]): Wire | undefined {
  const found = at(value, ...path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Wire) : undefined;
}
