import { describe, expect, it } from "vitest";

type Texts = Record<string, unknown>;
const files = import.meta.glob<Texts>(["../**/texts/*.json", "../../phone/**/texts/*.json"], { import: "default", eager: true });
const sources = import.meta.glob<string>(
  ["../**/*.{ts,tsx}", "../../phone/**/*.{ts,tsx}", "!../**/*.test.*", "!../api/schema.d.ts"],
  { import: "default", query: "?raw", eager: true },
);

/** `{a: {b: "x"}}` → `{"a.b": "x"}`. */
function flat(texts: Texts, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === "string" ? [[prefix + key, value]] : Object.entries(flat(value as Texts, `${prefix}${key}.`)),
    ),
  );
}

const singular = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");
const placeholders = (text: string) => (text.match(/{{.*?}}|<\/?\d+>|<\/?[a-z]+\/?>/gi) ?? []).sort();
const folders = [...new Set(Object.keys(files).map((path) => path.replace(/\/[a-z]+\.json$/, "")))];
const of = (folder: string, language: string) => flat(files[`${folder}/${language}.json`] ?? {});

/** Everything that may be a key, another room's too, and the beginnings of keys that are put together. */
const code = Object.values(sources).join("\n");
const literals = new Set([...code.matchAll(/"(?:\w+:)?([\w.]+)"/g)].map((match) => match[1]));
const beginnings = [...code.matchAll(/`(?:\w+:)?([\w.]+)\$\{/g)].map((match) => match[1] ?? "").filter((text) => text.includes("."));

describe.each(folders)("%s", (folder) => {
  const english = of(folder, "en");
  const indonesian = of(folder, "id");

  it("says the same things in every language", () => {
    const keys = (texts: Texts) => [...new Set(Object.keys(texts).map(singular))].sort();
    expect(keys(indonesian)).toEqual(keys(english));
  });

  it("names the same values in every language", () => {
    for (const [key, text] of Object.entries(indonesian)) {
      const original = english[key] ?? english[`${singular(key)}_other`];
      expect(placeholders(text), key).toEqual(placeholders(original ?? ""));
    }
  });

  it("says nothing that no page asks for", () => {
    const unused = Object.keys(english).filter((key) => {
      const asked = singular(key);
      return !literals.has(asked) && !beginnings.some((beginning) => asked.startsWith(beginning));
    });
    expect(unused).toEqual([]);
  });

  it("is not left in English", () => {
    const same = Object.entries(english).filter(([key, text]) => text.length > 24 && indonesian[key] === text);
    expect(same).toEqual([]);
  });
});
