import { describe, expect, it } from "vitest";
import { firstWording } from "./draft";

describe("words to begin with", () => {
  it.each(["en", "id"] as const)("name the business in every agreement (%s)", (language) => {
    const wording = firstWording(language, "Kopi Senja");
    const words = wording[language];
    expect(words?.utility).toContain("Kopi Senja");
    expect(words?.marketing).toContain("Kopi Senja");
    expect(wording[language === "en" ? "id" : "en"]).toBeNull();
  });
});
