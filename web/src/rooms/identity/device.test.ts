import { expect, it } from "vitest";
import { device } from "./device";

it("tells browsers and systems apart", () => {
  expect(device("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")).toBe("Chrome, Linux");
  expect(device("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36 EdgA/140.0")).toBe("Edge, Android");
  expect(device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1")).toBe("Safari, iPhone");
});

it("says what it does not know in its own words", () => {
  expect(device("curl/8.5.0")).toBe("curl/8.5.0");
  expect(device("")).toBe("?");
});
