import { beforeEach, describe, expect, it } from "vitest";
import { carriedToken, dropToken } from "./carried";

describe("the token of an invitation", () => {
  beforeEach(() => {
    sessionStorage.clear();
    location.hash = "";
  });

  it("outlives the way through the sign-in page, until it has done its work", () => {
    location.hash = "#abc";
    expect(carriedToken()).toBe("abc");
    location.hash = "";
    expect(carriedToken()).toBe("abc");
    dropToken();
    expect(carriedToken()).toBe("");
  });

  it("is that of the link that was opened last", () => {
    location.hash = "#abc";
    carriedToken();
    location.hash = "#def";
    expect(carriedToken()).toBe("def");
  });
});
