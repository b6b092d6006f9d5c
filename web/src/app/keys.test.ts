/** What is read is kept under its key: two readings of one key would show each other's answers, in the wrong shape. */
import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.ts"], { query: "?raw", import: "default", eager: true });

/** The keys that a source gives to what it reads, whatever stands in their gaps: `["org", _, "members"]`. */
function keysOf(source: string): string[] {
  const given = [...source.matchAll(/queryKey: (\[[^\]]*\]|\w+\([^)]*\)),\s*queryFn/g), ...source.matchAll(/pagedQuery\((\[[^\]]*\])/g)];
  return given.map(([, key = ""]) =>
    key
      .replaceAll(/"[^"]*"|\.\.\.\w+Key\(\w+\)|\w+Key(?=\()|\w+/g, (part) => (/^["\w]*(")|Key/.test(part) ? part : "_"))
      .replaceAll(/Key\(\w+\)/g, "Key"),
  );
}

describe("keys of the cache", () => {
  const all = Object.entries(sources).flatMap(([file, source]) => keysOf(source).map((key) => ({ key, file })));

  it("are found", () => {
    expect(all.length).toBeGreaterThan(40);
    expect(all.map(({ key }) => key)).toContain('["org", _, "members"]');
  });

  it("are each read in one way", () => {
    const twice = all.filter(({ key }, at) => all.some((other, there) => there !== at && other.key === key));
    expect(twice).toEqual([]);
  });
});
