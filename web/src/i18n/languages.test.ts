import { afterEach, expect, it, vi } from "vitest";
import { locale } from "./languages";

afterEach(() => void vi.restoreAllMocks());

it("takes the language as the browser is set, unless times cannot be written so", () => {
  const languages = vi.spyOn(navigator, "languages", "get");
  languages.mockReturnValue(["id-ID", "en-GB"]);
  expect(locale("en")).toBe("en-GB");
  languages.mockReturnValue(["en_US.UTF-8", "en-"]);
  expect(locale("en")).toBe("en");
});
