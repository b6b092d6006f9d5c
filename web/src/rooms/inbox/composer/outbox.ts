/**
 * What was sent and is not in the thread yet. It is shown at once, kept in this browser until the server has it, and
 * sent in order, again and again under the same key while nothing answers: nothing goes out twice and nothing is lost.
 */
import { intention, type Schemas } from "@/api/client";
import { ApiProblem, NotReached } from "@/api/problem";

/** What a message says, in the words of the API. */
export type Content = Schemas["Content"];

/** A message on its way. */
export interface Pending {
  /** Names the message to the server, and the attempt to send it, however often it is made. */
  ref: string;
  org: string;
  conversation: string;
  content: Content;
  replyTo: string | null;
  /** When it was written, in microseconds. */
  at: number;
  /** `sending`, `waiting` for a connection, `failed` with a reason, or `sent` and not in the thread yet. */
  state: "sending" | "waiting" | "failed" | "sent";
  /** Why it failed, in the server's words. */
  problem?: string;
  /** How much of its file is uploaded, 0 to 1. */
  progress?: number;
}

/** A file that a message carries; kept in memory alone. */
export interface Attached {
  file: File;
  kind: "image" | "video" | "audio" | "document" | "sticker";
}

/** How the outbox reaches the server. */
export interface Post {
  send: (pending: Pending) => Promise<Schemas["AcceptedMessage"]>;
  upload: (org: string, attached: Attached, progress: (share: number) => void) => Promise<string>;
}

/** Where what waits is kept. */
type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const KEY = "sapa.outbox";
/** A key is remembered by the server for a day: what waited nearly as long is not sent again by itself. */
const LONGEST_WAIT_MS = 23 * 3600 * 1000;
/** How soon it is tried again where nothing answered; longer each time. */
const AGAIN_MS = [2000, 4000, 8000, 15_000, 30_000] as const;

/** The outbox of this browser tab. */
export class Outbox {
  #entries: readonly Pending[] = [];
  readonly #files = new Map<string, Attached>();
  readonly #listeners = new Set<() => void>();
  readonly #busy = new Set<string>();
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly post: Post,
    private readonly keep: Keep | null,
    /** Whose it is: nobody sends what somebody else wrote in this browser. */
    private readonly person: string,
  ) {
    this.#entries = restored(keep, this.#key);
  }

  get #key(): string {
    return `${KEY}.${this.person}`;
  }

  /** Calls back on every change; gives back how to end that. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Everything on its way; the same list until something changes. */
  entries = (): readonly Pending[] => this.#entries;

  /** Sends a message as soon as may be. */
  add(written: Pick<Pending, "org" | "conversation" | "content" | "replyTo">, attached?: Attached): void {
    const ref = intention();
    if (attached) this.#files.set(ref, attached);
    this.#set([...this.#entries, { ...written, ref, at: Date.now() * 1000, state: "sending" }]);
    void this.#work(written.conversation);
  }

  /** Tries again what failed, or what waits for a connection. */
  retry(ref: string): void {
    const one = this.#entries.find((entry) => entry.ref === ref);
    if (!one) return;
    this.#change(ref, { state: "sending", problem: undefined });
    void this.#work(one.conversation);
  }

  /** Takes a message back that was not sent. */
  remove(ref: string): void {
    this.#files.delete(ref);
    this.#set(this.#entries.filter((entry) => entry.ref !== ref));
  }

  /** The file of a message, while this tab holds it. */
  attached(ref: string): Attached | undefined {
    return this.#files.get(ref);
  }

  /** Takes out what the thread shows by now. */
  settle(refs: ReadonlySet<string>): void {
    const left = this.#entries.filter((entry) => !refs.has(entry.ref));
    if (left.length === this.#entries.length) return;
    for (const ref of refs) this.#files.delete(ref);
    this.#set(left);
  }

  /** Goes on with everything that waits: the connection is back. */
  resume(): void {
    clearTimeout(this.#timer);
    for (const conversation of new Set(this.#entries.map((entry) => entry.conversation))) void this.#work(conversation);
  }

  /** Sends what a conversation holds, one after the other. What failed holds up nothing behind it. */
  async #work(conversation: string): Promise<void> {
    if (this.#busy.has(conversation)) return;
    this.#busy.add(conversation);
    try {
      for (;;) {
        const next = this.#entries.find(
          (entry) => entry.conversation === conversation && (entry.state === "sending" || entry.state === "waiting"),
        );
        if (!next || !(await this.#send(next))) return;
      }
    } finally {
      this.#busy.delete(conversation);
    }
  }

  /** Sends one message. `false`: nothing answers, so that those behind it wait too. */
  async #send(pending: Pending): Promise<boolean> {
    const { ref } = pending;
    try {
      await this.post.send({ ...pending, content: await this.#uploaded(pending) });
      this.#failures = 0;
      this.#change(ref, { state: "sent", progress: undefined });
      return true;
    } catch (error) {
      if (isPassing(error)) {
        this.#change(ref, { state: "waiting", progress: undefined });
        this.#timer = setTimeout(() => this.resume(), AGAIN_MS[Math.min(this.#failures++, AGAIN_MS.length - 1)]);
        return false;
      }
      const problem = error instanceof Error ? error.message : String(error);
      this.#change(ref, { state: "failed", problem, progress: undefined });
      return true;
    }
  }

  /** The content, its file uploaded if it has one that is not. */
  async #uploaded({ ref, org, content }: Pending): Promise<Content> {
    const attached = this.#files.get(ref);
    if (!attached || !("file" in content) || ("media_id" in content.file && content.file.media_id !== "")) return content;
    const media_id = await this.post.upload(org, attached, (progress) => this.#change(ref, { progress }));
    const whole: Content = { ...content, file: { media_id } };
    this.#change(ref, { content: whole, progress: undefined });
    return whole;
  }

  #change(ref: string, change: Partial<Pending>): void {
    this.#set(this.#entries.map((entry) => (entry.ref === ref ? { ...entry, ...change } : entry)));
  }

  #set(entries: readonly Pending[]): void {
    this.#entries = entries;
    const kept = entries.filter((entry) => entry.state !== "sent" && hasItsFile(entry));
    try {
      if (kept.length > 0) this.keep?.setItem(this.#key, JSON.stringify(kept));
      else this.keep?.removeItem(this.#key);
    } catch {
      // Storage is full or forbidden: it is kept until the page is left.
    }
    for (const listener of this.#listeners) listener();
  }
}

/** A failure that is none of the message's: nothing answered, or the server is in trouble or busy. */
function isPassing(error: unknown): boolean {
  if (error instanceof NotReached) return true;
  return error instanceof ApiProblem && (error.status >= 500 || error.status === 429);
}

/** A file that was not uploaded is gone with the tab. */
function hasItsFile({ content }: Pending): boolean {
  return !("file" in content && "media_id" in content.file && content.file.media_id === "");
}

/** What waited when the page was left. */
function restored(keep: Keep | null, key: string): Pending[] {
  try {
    const kept = JSON.parse(keep?.getItem(key) ?? "[]") as Pending[];
    const isOld = ({ at }: Pending) => at / 1000 < Date.now() - LONGEST_WAIT_MS;
    return kept.map((entry) => ({ ...entry, state: entry.state === "failed" || isOld(entry) ? "failed" : "waiting" }));
  } catch {
    return [];
  }
}
