import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, NotReached } from "@/api/problem";
import { Outbox, type Pending, type Post } from "./outbox";

const written = { org: "o", conversation: "c", replyTo: null, content: { type: "text", body: "Halo" } } as const;
const accepted = { message_id: "m", conversation_id: "c" };

let kept: Map<string, string>;
const keep = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
};

function outbox(send: Post["send"], upload: Post["upload"] = () => Promise.resolve("media-1")): Outbox {
  return new Outbox({ send, upload }, keep, "person");
}

const states = (box: Outbox) => box.entries().map((entry) => entry.state);
const settled = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
  kept = new Map();
  vi.useFakeTimers();
});

describe("sending", () => {
  it("shows a message at once and forgets it when the thread has it", async () => {
    const box = outbox(() => Promise.resolve(accepted));
    box.add(written);
    expect(states(box)).toEqual(["sending"]);
    await settled();
    expect(states(box)).toEqual(["sent"]);
    box.settle(new Set(box.entries().map((entry) => entry.ref)));
    expect(box.entries()).toEqual([]);
  });

  it("sends in order, one after the other", async () => {
    const sent: string[] = [];
    const box = outbox(async (one) => {
      await new Promise((resolve) => setTimeout(resolve, sent.length === 0 ? 50 : 1));
      sent.push("body" in one.content ? one.content.body : "");
      return accepted;
    });
    for (const body of ["1", "2", "3"]) box.add({ ...written, content: { type: "text", body } });
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual(["1", "2", "3"]);
  });

  it("says why the server refused, and tries again under the same name", async () => {
    const refs: string[] = [];
    const box = outbox((one) => {
      refs.push(one.ref);
      return refs.length === 1 ? Promise.reject(new ApiProblem(422, "window_closed", "", "The window is closed.")) : Promise.resolve(accepted);
    });
    box.add(written);
    await settled();
    expect(box.entries()[0]).toMatchObject({ state: "failed", problem: "The window is closed." });
    box.retry(refs[0] ?? "");
    await settled();
    expect(states(box)).toEqual(["sent"]);
    expect(refs[0]).toBe(refs[1]);
  });

  it("holds up nothing behind what failed", async () => {
    const box = outbox((one) =>
      "body" in one.content && one.content.body === "bad" ? Promise.reject(new ApiProblem(422, "x", "", "No.")) : Promise.resolve(accepted),
    );
    box.add({ ...written, content: { type: "text", body: "bad" } });
    box.add(written);
    await settled();
    expect(states(box)).toEqual(["failed", "sent"]);
  });
});

describe("a lost connection", () => {
  it("waits, and goes on by itself, in order and under the same names", async () => {
    let isThere = false;
    const sent: string[] = [];
    const box = outbox((one) => {
      if (!isThere) return Promise.reject(new NotReached(null));
      sent.push(one.ref);
      return Promise.resolve(accepted);
    });
    box.add(written);
    box.add(written);
    await settled();
    expect(states(box)).toEqual(["waiting", "sending"]);
    const refs = box.entries().map((entry) => entry.ref);
    isThere = true;
    await vi.advanceTimersByTimeAsync(2500);
    expect(sent).toEqual(refs);
  });

  it("survives leaving the page, for the same person alone", () => {
    const never = () => new Promise<never>(() => undefined);
    outbox(never).add(written);
    expect(states(outbox(never))).toEqual(["waiting"]);
    expect(new Outbox({ send: never, upload: never }, keep, "somebody else").entries()).toEqual([]);
  });

  it("sends nothing by itself that waited for a day", () => {
    const old: Pending = { ...written, ref: "r", at: (Date.now() - 24 * 3600 * 1000) * 1000, state: "waiting" };
    kept.set("sapa.outbox.person", JSON.stringify([old]));
    expect(states(outbox(() => Promise.resolve(accepted)))).toEqual(["failed"]);
  });
});

describe("a file", () => {
  const file = { file: new File(["x"], "menu.pdf"), kind: "document" as const };
  const content = { type: "document" as const, file: { media_id: "" } };

  it("is uploaded once, and the message carries it", async () => {
    const upload = vi.fn(() => Promise.resolve("media-1"));
    const send = vi.fn<Post["send"]>().mockRejectedValueOnce(new NotReached(null)).mockResolvedValue(accepted);
    const box = outbox(send, upload);
    box.add({ ...written, content }, file);
    await vi.advanceTimersByTimeAsync(3000);
    expect(upload).toHaveBeenCalledOnce();
    expect(send.mock.lastCall?.[0].content).toEqual({ type: "document", file: { media_id: "media-1" } });
  });

  it("is not kept beyond the page before it is uploaded", () => {
    outbox(() => Promise.resolve(accepted), () => new Promise(() => undefined)).add({ ...written, content }, file);
    expect(outbox(() => Promise.resolve(accepted)).entries()).toEqual([]);
  });
});
