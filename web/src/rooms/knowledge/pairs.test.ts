import { describe, expect, it } from "vitest";
import { filled, gaps, isTable, pairsOf } from "./pairs";

describe("pairs of a table", () => {
  it("reads what a spreadsheet copies, quotes and line breaks within", () => {
    expect(pairsOf('Ada parkir?\t"Ada, di\nbelakang ""toko"""\nBuka jam berapa?\t08.00\n')).toEqual([
      { question: "Ada parkir?", answer: 'Ada, di\nbelakang "toko"' },
      { question: "Buka jam berapa?", answer: "08.00" },
    ]);
  });

  it("takes the columns that are named, in any order", () => {
    expect(pairsOf("\uFEFFid;Jawaban;Pertanyaan\r\n1;Ya, ada;Ada wifi?\r\n")).toEqual([
      { question: "Ada wifi?", answer: "Ya, ada" },
    ]);
  });

  it("parts a CSV by what its first line holds most of, quoted cells left out", () => {
    expect(pairsOf('"Delivery; how long?",Two days\n')).toEqual([{ question: "Delivery; how long?", answer: "Two days" }]);
  });

  it("keeps half a pair, so that nothing pasted is lost", () => {
    expect(pairsOf("question,answer\nOnly a question\n")).toEqual([{ question: "Only a question", answer: "" }]);
    expect(pairsOf("\n \n")).toEqual([]);
  });
});

it("tells a table from words with commas", () => {
  expect(isTable("Halo, apa kabar?\nBaik, terima kasih")).toBe(false);
  expect(isTable("a\tb\nc\td")).toBe(true);
});

it("sends no empty pairs", () => {
  expect(filled([{ question: " a ", answer: "b" }, { question: " ", answer: "" }])).toEqual([{ question: "a", answer: "b" }]);
});

it("names the halves that are missing", () => {
  expect(gaps([{ question: "a", answer: "b" }, { question: "c", answer: "" }], "missing")).toEqual({ "pairs[1].answer": "missing" });
});
