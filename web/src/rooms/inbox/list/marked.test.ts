import { expect, it } from "vitest";
import { marked, wordsOf } from "./marked";

const hits = (text: string, search: string) =>
  marked(text, wordsOf(search))
    .filter((part) => part.isHit)
    .map((part) => part.text);

it("marks words by their beginning, in any case", () => {
  expect(hits("Harga kopi Gayo, harganya naik", "harga GAYO")).toEqual(["Harga", "Gayo", "harga"]);
  expect(hits("seharga", "harga")).toEqual([]);
});

it("loses nothing of the text and takes signs as signs", () => {
  const text = "a+b (c) kopi.*";
  expect(marked(text, wordsOf("kopi (c) .*")).map((part) => part.text).join("")).toBe(text);
  expect(hits(text, "(c)")).toEqual(["c"]);
  expect(marked(text, wordsOf("… !"))).toEqual([{ text, isHit: false }]);
});
