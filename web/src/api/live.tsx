/** What happens in the organisation, as it happens: server-sent events, replayed after a lost connection. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useEffectEvent, useMemo, useState, type ReactNode } from "react";
import type { Schemas } from "./client";
import { setServerTime } from "./time";

/** Kinds of events and what they name. The payloads are ids: whoever shows a thing reads it anew. */
export interface LiveEvents {
  "account.changed": { account_id: string };
  "account.token_ending": { account_id: string };
  "channels.updated": unknown;
  "chat_link.updated": { chat_link_id: string };
  "connection.changed": { connection_id: string };
  "contact_export.updated": { export_id: string; contact_id: string };
  "contact.updated": { contact_id: string; merged_contact_id?: string };
  "canned_replies.updated": unknown;
  "conversation.handed_off": { conversation_id: string };
  "conversation.presence": { conversation_id: string; member_id: string; doing: Schemas["Doing"] };
  "conversation.updated": { conversation_id: string };
  "erasure.updated": { erasure_id: string };
  "import.updated": { import_id: string };
  "experiment.updated": { experiment_id: string; form_id: string };
  "form.updated": { form_id: string };
  "member.updated": { member_id: string };
  "message.created": { message_id: string; conversation_id: string };
  "message.updated": { message_id: string; conversation_id: string };
  "note.created": NoteEvent;
  "note.removed": NoteEvent;
  "note.updated": NoteEvent;
  "notification.run": { notification_id: string; run_id: string };
  "notification.updated": { notification_id: string };
  "number.changed": { number_id: string };
  "number.links_changed": { number_id: string };
  "organisation.updated": { org_id: string };
  "outreach.updated": unknown;
  "reach.updated": { reach_id: string; message_id: string };
  "record.connector": { connector_id: string };
  "record.updated": { record_kind_id: string };
  "source.removed": { source_id: string };
  "source.updated": { source_id: string };
  "template.changed": { account_id: string; template_id?: string };
  "template_draft.changed": { draft_id: string; account_id: string };
  "submission.updated": { submission_id: string; form_id: string };
  "views.updated": unknown;
}

/** Something about a note. */
interface NoteEvent {
  note_id: string;
  conversation_id: string;
  author_id: string | null;
  mentions: readonly string[];
}

/** A kind of event. */
export type LiveKind = keyof LiveEvents;

const KINDS: readonly LiveKind[] = [
  "account.changed",
  "account.token_ending",
  "channels.updated",
  "chat_link.updated",
  "connection.changed",
  "contact.updated",
  "canned_replies.updated",
  "conversation.handed_off",
  "conversation.presence",
  "conversation.updated",
  "contact_export.updated",
  "erasure.updated",
  "import.updated",
  "experiment.updated",
  "form.updated",
  "member.updated",
  "message.created",
  "message.updated",
  "note.created",
  "note.removed",
  "note.updated",
  "notification.run",
  "notification.updated",
  "number.changed",
  "number.links_changed",
  "organisation.updated",
  "outreach.updated",
  "reach.updated",
  "record.connector",
  "record.updated",
  "source.removed",
  "source.updated",
  "template.changed",
  "template_draft.changed",
  "submission.updated",
  "views.updated",
];

/** One event, as it is passed on within the page. */
interface Happening {
  kind: LiveKind;
  payload: never;
  /** When it came, by this browser's clock. */
  at: number;
}

interface Live {
  /** Whether events come in. */
  connected: boolean;
  /** Dispatches a `CustomEvent<Happening>` named `live` for each of them. */
  bus: EventTarget;
  /** Those of the last moments. */
  recent: Happening[];
}

const LiveContext = createContext<Live>({ connected: true, bus: new EventTarget(), recent: [] });

/** How long an event is remembered for pages that were still being fetched when it came. */
const REMEMBERED_MS = 10_000;

/** How long to wait before connecting anew where the browser has given up by itself. */
const AGAIN_MS = 3000;

/** The server says something every 15 seconds: after so long without a word, the connection is dead without telling. */
const SILENCE_MS = 40_000;

/** Watches an organisation for everything within. */
export function LiveProvider({ org, children }: { org: string; children: ReactNode }) {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  const [bus] = useState(() => new EventTarget());
  const [recent] = useState<Happening[]>(() => []);

  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => startAnew(), SILENCE_MS);
    };
    const everythingAnew = () => void queries.invalidateQueries();
    const connect = (isAnew = false) => {
      source = new EventSource(`/api/v1/orgs/${org}/live`);
      heard();
      // Not before it is watched again: what happens between would be missed by both.
      if (isAnew) source.addEventListener("hello", everythingAnew, { once: true });
      source.addEventListener("open", () => setConnected(true));
      source.addEventListener("reset", everythingAnew);
      for (const kind of ["hello", "reset", "time"]) {
        source.addEventListener(kind, (event: MessageEvent<string>) => {
          heard();
          setServerTime((JSON.parse(event.data) as { now?: number }).now);
        });
      }
      source.addEventListener("error", () => {
        setConnected(false);
        heard();
        // The browser repeats by itself, with the last id it saw, unless the answer was an error.
        if (source.readyState === EventSource.CLOSED) {
          timer = setTimeout(() => connect(true), AGAIN_MS);
        }
      });
      for (const kind of KINDS) {
        source.addEventListener(kind, (event: MessageEvent<string>) => {
          heard();
          const detail: Happening = { kind, payload: JSON.parse(event.data) as never, at: Date.now() };
          recent.splice(0, recent.length, ...recent.filter(isRecent), detail);
          bus.dispatchEvent(new CustomEvent("live", { detail }));
        });
      }
    };
    const close = () => {
      clearTimeout(timer);
      clearTimeout(silence);
      source.close();
    };
    // Without a network an open stream looks as if nothing happened, for minutes, and may do so after it is back.
    const cutOff = () => {
      close();
      setConnected(false);
    };
    const startAnew = () => {
      cutOff();
      connect(true);
    };
    connect();
    addEventListener("offline", cutOff);
    addEventListener("online", startAnew);
    return () => {
      removeEventListener("offline", cutOff);
      removeEventListener("online", startAnew);
      close();
    };
  }, [org, queries, bus, recent]);

  const live = useMemo<Live>(() => ({ connected, bus, recent }), [connected, bus, recent]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

function isRecent({ at }: Happening): boolean {
  return Date.now() - at < REMEMBERED_MS;
}

/** Whether live events come in. */
export function useConnected(): boolean {
  return use(LiveContext).connected;
}

/** Calls back on events of these kinds. */
export function useLive<Kind extends LiveKind>(
  kinds: readonly Kind[],
  callback: (payload: LiveEvents[Kind], kind: Kind) => void,
): void {
  const { bus } = use(LiveContext);
  const called = useEffectEvent(callback);
  const wanted = kinds.join();
  useEffect(() => {
    const listener = (event: Event) => {
      const { kind, payload } = (event as CustomEvent<Happening>).detail;
      if (wanted.split(",").includes(kind)) called(payload, kind as Kind);
    };
    bus.addEventListener("live", listener);
    return () => bus.removeEventListener("live", listener);
  }, [bus, wanted]);
}

/**
 * {@link useLive} for whoever only reads anew: also calls back on what came shortly before. A page that waits for what it
 * shows hears nothing yet, and what it was given may be from before the event.
 */
export function useFresh<Kind extends LiveKind>(
  kinds: readonly Kind[],
  callback: (payload: LiveEvents[Kind], kind: Kind) => void,
): void {
  const { recent } = use(LiveContext);
  const called = useEffectEvent(callback);
  const wanted = kinds.join();
  useLive(kinds, callback);
  useEffect(() => {
    for (const { kind, payload } of recent.filter(isRecent)) {
      if (wanted.split(",").includes(kind)) called(payload, kind as Kind);
    }
  }, [recent, wanted]);
}
