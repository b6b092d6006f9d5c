import { expect, it } from "vitest";
import { accepted, asked, callsIn, cannedText, mentioned } from "./suggest";

it("offers canned replies at the beginning of a message alone", () => {
  expect(asked("/jam", 4, false)).toEqual({ sign: "/", word: "jam", from: 0 });
  expect(asked("/", 1, false)).toEqual({ sign: "/", word: "", from: 0 });
  expect(asked("a /jam", 6, false)).toBeNull();
  expect(asked("/jam buka", 9, false)).toBeNull();
  expect(asked("https://x", 9, false)).toBeNull();
});

it("offers members at the beginning of any word of a note", () => {
  expect(asked("Tanya @Bu", 9, true)).toEqual({ sign: "@", word: "Bu", from: 6 });
  expect(asked("a@b", 3, true)).toBeNull();
  expect(asked("@Bu", 3, false)).toBeNull();
});

it("puts a suggestion where it was asked for", () => {
  const text = "Tanya @Bu ya";
  const found = asked(text, 9, true);
  expect(found && accepted(text, 9, found, "@Budi ")).toEqual({ text: "Tanya @Budi  ya", caret: 12 });
});

it("fills in the name", () => {
  expect(cannedText("Halo {{name}}, {{ name }}!", "Siti")).toBe("Halo Siti, Siti!");
});

it("knows whom a note calls", () => {
  const members = [
    { id: "1", name: "Budi" },
    { id: "2", name: "Ayu Lestari" },
  ];
  expect(mentioned("@Ayu Lestari tolong", members)).toEqual(["2"]);
  expect(mentioned("Budi", members)).toEqual([]);
});

it("finds those who are called in a text, the longest name first", () => {
  const calls = (text: string) => callsIn(text, ["Ayu", "Ayu Lestari"]).filter((one) => one.isCall).map((one) => one.text);
  expect(calls("@Ayu Lestari dan @Ayu, tolong")).toEqual(["@Ayu Lestari", "@Ayu"]);
  expect(calls("Ayu, surel ke a@b.example")).toEqual([]);
  expect(callsIn("Hai @Ayu!", ["Ayu"]).map((one) => one.text).join("")).toBe("Hai @Ayu!");
});
