/** The outbox of the person in this tab, and its way to the server. */
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { useConnected } from "@/api/live";
import { ApiProblem, NotReached } from "@/api/problem";
import { useMe, useOrg } from "@/app/session";
import { Outbox, type Attached, type Content, type Pending, type Post } from "./outbox";

/** Storage, nothing where it is forbidden. */
export function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Uploads a file; `openapi-fetch` cannot tell how far it is. */
function upload(org: string, { file, kind }: Attached, progress: (share: number) => void): Promise<string> {
  const form = new FormData();
  form.append("kind", kind);
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/orgs/${org}/media`);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total > 0 ? loaded / total : 0));
    request.addEventListener("error", () => reject(new NotReached(new Error("The upload was cut off."))));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve((request.response as Schemas["MediaFile"]).id);
      else reject(ApiProblem.of(request.status, request.response));
    });
    request.send(form);
  });
}

const post: Post = {
  upload,
  send: ({ ref, org, conversation, content, replyTo }) =>
    answer(
      api.POST("/api/v1/orgs/{org}/conversations/{conversation}/messages", {
        params: { path: { org, conversation }, header: { "Idempotency-Key": ref } },
        body: { content, reply_to: replyTo, client_ref: ref },
      }),
    ),
};

const outboxes = new Map<string, Outbox>();

/** The outbox of the person who is signed in. */
export function useOutbox(): Outbox {
  const { person } = useMe();
  return useMemo(() => {
    const known = outboxes.get(person.id) ?? new Outbox(post, storage(), person.id);
    outboxes.set(person.id, known);
    return known;
  }, [person.id]);
}

/** What is on its way in a conversation. */
export function usePending(conversation: string): readonly Pending[] {
  const outbox = useOutbox();
  const entries = useSyncExternalStore(outbox.subscribe, outbox.entries);
  return useMemo(() => entries.filter((entry) => entry.conversation === conversation), [entries, conversation]);
}

/** Goes on with what waits as soon as there is a connection. */
export function useResuming(): void {
  const outbox = useOutbox();
  const connected = useConnected();
  useEffect(() => {
    const resume = () => outbox.resume();
    if (connected) resume();
    addEventListener("online", resume);
    return () => removeEventListener("online", resume);
  }, [outbox, connected]);
}

/** Sends messages in a conversation. */
export function useSend(conversation: string) {
  const outbox = useOutbox();
  const org = useOrg();
  return (content: Content, more: { replyTo?: string | null; attached?: Attached } = {}) =>
    outbox.add({ org, conversation, content, replyTo: more.replyTo ?? null }, more.attached);
}
