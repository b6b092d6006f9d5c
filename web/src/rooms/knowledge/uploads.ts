/** Files on their way. They go on while other pages are looked at. */
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Told } from "@/api/problem";
import { upload } from "@/api/upload";
import { useOrg } from "@/app/session";
import { sourcesKey } from "./queries";

/** A file on its way, or one that did not arrive. */
export interface Upload {
  id: number;
  file: File;
  /** The share that has left, 0 to 1. */
  share: number;
  problem?: unknown;
}

type Send = (file: File, onProgress: (share: number) => void, signal: AbortSignal) => Promise<unknown>;

/** So many files travel at once. */
const AT_ONCE = 2;
/** The largest file that the server reads, in bytes. */
const MOST_BYTES = 20 * 2 ** 20;

/** The files of one organisation. */
export class Uploads {
  #list: readonly Upload[] = [];
  #next = 1;
  readonly #travelling = new Map<number, AbortController>();
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly send: Send,
    /** Called whenever a file has arrived. */
    private readonly arrived: () => void,
  ) {}

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly list = () => this.#list;

  readonly add = (files: readonly File[]) => {
    this.#tell([...this.#list, ...files.map((file) => ({ id: this.#next++, file, share: 0 }))]);
    this.#goOn();
  };

  readonly again = (id: number) => {
    this.#change(id, { problem: undefined, share: 0 });
    this.#goOn();
  };

  /** Stops a file, or forgets one that did not arrive. */
  readonly drop = (id: number) => {
    this.#travelling.get(id)?.abort();
    this.#tell(this.#list.filter((one) => one.id !== id));
    this.#goOn();
  };

  #goOn() {
    const waiting = this.#list.filter((one) => !one.problem && !this.#travelling.has(one.id));
    for (const one of waiting.slice(0, AT_ONCE - this.#travelling.size)) void this.#travel(one);
  }

  async #travel({ id, file }: Upload) {
    const controller = new AbortController();
    this.#travelling.set(id, controller);
    try {
      await this.send(file, (share) => this.#change(id, { share }), controller.signal);
      this.#tell(this.#list.filter((one) => one.id !== id));
      this.arrived();
    } catch (problem) {
      this.#change(id, { problem });
    } finally {
      this.#travelling.delete(id);
      this.#goOn();
    }
  }

  #change(id: number, change: Partial<Upload>) {
    this.#tell(this.#list.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  #tell(list: readonly Upload[]) {
    this.#list = list;
    for (const listener of this.#listeners) listener();
  }
}

const all = new Map<string, Uploads>();

/** The files on their way to the organisation of this page. */
export function useUploads(tooLarge: string): { list: readonly Upload[]; uploads: Uploads } {
  const org = useOrg();
  const queries = useQueryClient();
  let uploads = all.get(org);
  if (!uploads) {
    const send: Send = (file, onProgress, signal) => {
      if (file.size > MOST_BYTES) return Promise.reject(new Told(tooLarge));
      return upload(`/api/v1/orgs/${org}/sources/file`, { method: "POST", file, onProgress, signal });
    };
    uploads = new Uploads(send, () => void queries.invalidateQueries({ queryKey: sourcesKey(org) }));
    all.set(org, uploads);
  }
  return { list: useSyncExternalStore(uploads.subscribe, uploads.list), uploads };
}
