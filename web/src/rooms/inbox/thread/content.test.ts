import { expect, it } from "vitest";
import { usedSources } from "./content";
import type { Message } from "./stretch";

const answer = (passages: object[]) => ({ passages }) as unknown as Message["answer"];

it("counts the sources that an answer was made from, each once, and not those that were only considered", () => {
  const used = { source_id: "a", used: true };
  expect(usedSources(answer([used, used, { source_id: "b", used: false }]))).toBe(1);
  expect(usedSources(answer([{ source_id: "b", used: false }]))).toBe(0);
  expect(usedSources(null)).toBe(0);
});
