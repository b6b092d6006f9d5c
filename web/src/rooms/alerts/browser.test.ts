import { describe, expect, it } from "vitest";
import { bytes, digest, obstacleOf, type Abilities } from "./browser";

const able: Abilities = { isSecure: true, hasPush: true, isAppleTouch: false, permission: "default" };

describe("what stands in the way", () => {
  it("is nothing where the browser may still be asked, or has been allowed", () => {
    expect(obstacleOf(able)).toBeNull();
    expect(obstacleOf({ ...able, permission: "granted" })).toBeNull();
  });

  it("is told in the order in which it is mended", () => {
    expect(obstacleOf({ ...able, permission: "denied" })).toBe("denied");
    expect(obstacleOf({ ...able, hasPush: false })).toBe("unknown");
    expect(obstacleOf({ ...able, hasPush: false, isAppleTouch: true })).toBe("notInstalled");
    expect(obstacleOf({ isSecure: false, hasPush: false, isAppleTouch: true, permission: "denied" })).toBe("insecure");
  });

  it("is nothing on an iPhone where Sapa is installed", () => {
    expect(obstacleOf({ ...able, isAppleTouch: true })).toBeNull();
  });
});

it("reads keys and knows addresses as the server does", async () => {
  expect([...bytes("-_8B")]).toEqual([251, 255, 1]);
  expect(await digest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
