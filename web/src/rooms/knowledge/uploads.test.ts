import { describe, expect, it, vi } from "vitest";
import { Uploads } from "./uploads";

const file = (name: string) => new File(["x"], name);
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** Uploads whose end the test decides. */
function held() {
  const ends = new Map<string, { arrive: () => void; fail: (why: unknown) => void; signal: AbortSignal }>();
  const arrived = vi.fn();
  const uploads = new Uploads(
    ({ name }, onProgress, signal) =>
      new Promise<void>((arrive, fail) => {
        onProgress(0.5);
        ends.set(name, { arrive, fail, signal });
      }),
    arrived,
  );
  return { uploads, ends, arrived };
}

describe("uploads", () => {
  it("sends two at once and the next when one has arrived", async () => {
    const { uploads, ends, arrived } = held();
    uploads.add([file("a"), file("b"), file("c")]);
    expect([...ends.keys()]).toEqual(["a", "b"]);
    expect(uploads.list().map((one) => one.share)).toEqual([0.5, 0.5, 0]);
    ends.get("a")?.arrive();
    await settle();
    expect(arrived).toHaveBeenCalledOnce();
    expect([...ends.keys()]).toEqual(["a", "b", "c"]);
    expect(uploads.list().map((one) => one.file.name)).toEqual(["b", "c"]);
  });

  it("keeps what failed with the reason, and sends it again when asked", async () => {
    const { uploads, ends } = held();
    uploads.add([file("a")]);
    ends.get("a")?.fail("why");
    await settle();
    const [failed] = uploads.list();
    expect(failed).toMatchObject({ problem: "why" });
    ends.clear();
    uploads.again(failed?.id ?? 0);
    ends.get("a")?.arrive();
    await settle();
    expect(uploads.list()).toEqual([]);
  });

  it("stops what is dropped and tells its listeners", () => {
    const { uploads, ends } = held();
    const listener = vi.fn();
    uploads.subscribe(listener);
    uploads.add([file("a")]);
    uploads.drop(uploads.list()[0]?.id ?? 0);
    expect(ends.get("a")?.signal.aborted).toBe(true);
    expect(uploads.list()).toEqual([]);
    expect(listener).toHaveBeenCalled();
  });
});
