import { expect, test } from "vitest";
import { languageName } from "./languageName";

test("languages have names in the reader's", () => {
  expect(languageName("id", "en")).toBe("Indonesian");
  expect(languageName("id", "id")).toBe("Indonesia");
  expect(languageName("en_US", "id")).toMatch(/^Inggris/);
});

test("what is no language stays as it is", () => {
  expect(languageName("", "en")).toBe("");
  expect(languageName("no language", "en")).toBe("no language");
});
