import { describe, expect, it } from "vitest";
import { checksum, ogg } from "./ogg";

/** Reads the pages of a stream. */
function pages(bytes: Uint8Array) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const view = new DataView(bytes.buffer, at);
    const segments = bytes.slice(at + 27, at + 27 + (bytes[at + 26] ?? 0));
    const length = 27 + segments.length + segments.reduce((sum, segment) => sum + segment, 0);
    const page = bytes.slice(at, at + length);
    page.set([0, 0, 0, 0], 22);
    found.push({
      capture: new TextDecoder().decode(bytes.slice(at, at + 4)),
      flags: bytes[at + 5],
      granule: Number(view.getBigUint64(6, true)),
      sequence: view.getUint32(18, true),
      whole: view.getUint32(22, true) === checksum(page),
      packets: segments.filter((segment) => segment < 255).length,
    });
    at += length;
  }
  return found;
}

describe("a voice note", () => {
  const packets = Array.from({ length: 120 }, (_, index) => ({ bytes: new Uint8Array(index === 3 ? 255 : 60), samples: 960 }));
  const found = pages(ogg(packets, 7));

  it("has its two headers and then its packets, every page whole", () => {
    expect(found.map((page) => page.capture)).toEqual(Array(5).fill("OggS"));
    expect(found.map((page) => page.sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(found.map((page) => page.packets)).toEqual([1, 1, 50, 50, 20]);
    expect(found.every((page) => page.whole)).toBe(true);
  });

  it("begins, ends and counts its samples", () => {
    expect(found.map((page) => page.flags)).toEqual([2, 0, 0, 0, 4]);
    expect(found.map((page) => page.granule)).toEqual([0, 0, 48_000, 96_000, 115_200]);
  });
});

it("sums as Ogg does", () => expect(checksum(new TextEncoder().encode("123456789"))).toBe(0x89a1897f));
