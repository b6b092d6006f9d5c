import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const CORE = "node_modules/@mantine/core";
const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { import: "default", query: "?raw", eager: true });
const styled = new Set([...readFileSync("src/app/mantine.css", "utf8").matchAll(/styles\/(\w+)\.css/g)].map(([, name]) => name));

/** What the pages take from Mantine by name. */
const named = Object.values(sources)
  .flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)])
  .flatMap(([, names = ""]) => names.split(",").map((name) => name.replace(/^\s*type /, "").trim()));

/** A part and those that it is made of. */
function withParts(name: string, seen = new Set<string>()): Set<string> {
  const file = `${CORE}/esm/components/${name}/${name}.mjs`;
  if (seen.has(name) || !existsSync(file)) return seen;
  seen.add(name);
  for (const [, part = ""] of readFileSync(file, "utf8").matchAll(/from "\.\.\/(\w+)\//g)) withParts(part, seen);
  return seen;
}

it("every part of Mantine that is used has its styles", () => {
  const used = new Set(named.flatMap((name) => [...withParts(name)]));
  const missing = [...used].filter((name) => existsSync(`${CORE}/styles/${name}.css`) && !styled.has(name));
  expect(used.size).toBeGreaterThan(40);
  expect(missing).toEqual([]);
});
