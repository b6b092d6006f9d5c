import { bytes } from "@/ui/bytes";
import { expect, it } from "vitest";
import { fit } from "./files";

const MB = 1024 * 1024;

it.each([
  ["image/jpeg", 2 * MB, { kind: "image" }],
  ["image/png", 6 * MB, { kind: "document", asFile: true }],
  ["image/gif", MB, { kind: "document", asFile: true }],
  ["video/mp4", 16 * MB, { kind: "video" }],
  ["audio/ogg;codecs=opus", MB, { kind: "audio" }],
  ["application/pdf", 100 * MB, { kind: "document", asFile: false }],
  ["", MB, { kind: "document", asFile: false }],
  ["application/pdf", 101 * MB, { kind: null, problem: "tooLarge", most: 100 * MB }],
  ["image/jpeg", 0, { kind: null, problem: "empty", most: 0 }],
])("%s of %d bytes", (type, size, expected) => {
  expect(fit({ type, size })).toEqual(expected);
});

it("says sizes as people read them", () => {
  expect(bytes(1536, "en")).toBe("1.5 kB");
  expect(bytes(16 * MB, "en")).toBe("16 MB");
});
