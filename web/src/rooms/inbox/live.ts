/** Keeps what the inbox shows up to date: what an event names is read, and nothing else. */
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useLive } from "@/api/live";
import { useMembership } from "@/app/session";
import { withRow, type Rows } from "./list/rows";
import { belongs, type Conversation, type Place } from "./places";
import { changeThread, conversationKey, conversationQuery, listsKey, readMessage, savedViewsQuery, threadKey } from "./queries";
import { withMessage, type Message } from "./thread/stretch";

/** Events come in flocks: what they name is read once, so long after the first of them. */
const GATHER_MS = 60;

/** Collects ids and hands them on together. */
function gathering(handle: (ids: ReadonlySet<string>) => void, wait = GATHER_MS) {
  let ids = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    add: (id: string) => {
      ids.add(id);
      timer ??= setTimeout(() => {
        const ready = ids;
        [ids, timer] = [new Set(), undefined];
        handle(ready);
      }, wait);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Puts a conversation as it is now into every list, and beside its thread. */
export function showConversation(queries: QueryClient, org: string, me: string, conversation: Conversation): void {
  queries.setQueryData<Conversation>(conversationKey(org, conversation.id), (had) => had && { ...had, ...conversation });
  for (const [key, rows] of queries.getQueriesData<Rows>({ queryKey: listsKey(org) })) {
    if (!rows) continue;
    const place = key[3] as Place;
    queries.setQueryData(key, withRow(rows, conversation, belongs(conversation, place, me)));
  }
}

/** The ticks of the last message, in every list. */
function showTicks(queries: QueryClient, org: string, message: Message): void {
  queries.setQueriesData<Rows>({ queryKey: listsKey(org) }, (rows) => {
    const shown = rows?.pages.some((page) => page.items.some((row) => row.last_message?.id === message.id));
    if (!rows || !shown) return rows;
    const row = (one: Conversation): Conversation =>
      one.last_message?.id === message.id
        ? { ...one, last_message: { ...one.last_message, state: message.state } }
        : one;
    return { ...rows, pages: rows.pages.map((page) => ({ ...page, items: page.items.map(row) })) };
  });
}

/** Whether any list shows a message as the last of a conversation. */
function isLastMessage(queries: QueryClient, org: string, message: string): boolean {
  return queries
    .getQueriesData<Rows>({ queryKey: listsKey(org) })
    .some(([, rows]) => rows?.pages.some((page) => page.items.some((row) => row.last_message?.id === message)));
}

/** Watches for as long as the inbox is shown. */
export function useInboxLive(): void {
  const queries = useQueryClient();
  const { id: org, member_id: me } = useMembership();

  const work = useMemo(() => {
    const conversations = gathering((ids) => {
      for (const id of ids) {
        queries
          .query({ ...conversationQuery(org, id), staleTime: 0 })
          .then((conversation) => showConversation(queries, org, me, conversation))
          .catch(() => undefined); // It was merged away or cannot be reached; the next event or connection mends it.
      }
    });
    const messages = gathering((ids) => {
      for (const id of ids) {
        readMessage(org, id)
          .then((message) => {
            changeThread(queries, org, message.conversation_id, (had) => withMessage(had, message));
            showTicks(queries, org, message);
          })
          .catch(() => undefined);
      }
    });
    return { conversations, messages };
  }, [queries, org, me]);

  useEffect(() => () => Object.values(work).forEach((one) => one.stop()), [work]);

  useLive(["conversation.updated", "conversation.handed_off"], ({ conversation_id: id }) => work.conversations.add(id));

  useLive(["message.created", "message.updated"], ({ message_id: id, conversation_id: conversation }) => {
    const key = threadKey(org, conversation);
    const isShown = (queries.getQueryCache().find({ queryKey: key })?.getObserversCount() ?? 0) > 0;
    if (isShown || isLastMessage(queries, org, id)) work.messages.add(id);
    // A thread that is kept and not shown catches up when it is opened.
    if (!isShown) void queries.invalidateQueries({ queryKey: key, refetchType: "none" });
  });

  useLive(["contact.updated"], ({ contact_id: contact, merged_contact_id: merged }) => {
    for (const noun of ["contact", "consent", "contact-conversations"]) {
      void queries.invalidateQueries({ queryKey: ["org", org, noun, contact] });
    }
    void queries.invalidateQueries({ queryKey: ["org", org, "labels"] });
    if (merged) void queries.invalidateQueries({ queryKey: listsKey(org) });
    const shown = queries.getQueriesData<Rows>({ queryKey: listsKey(org) }).flatMap(([, rows]) => rows?.pages ?? []);
    for (const row of shown.flatMap((page) => page.items)) {
      if (row.contact.id === contact) work.conversations.add(row.id);
    }
  });

  useLive(["note.created", "note.updated", "note.removed"], ({ conversation_id: conversation }) => {
    void queries.invalidateQueries({ queryKey: ["org", org, "notes", conversation] });
    // Whom the note called before the change is not told.
    void queries.invalidateQueries({ queryKey: listsKey(org), predicate: ({ queryKey }) => Boolean((queryKey[3] as Place).mentions_me) });
  });
  useLive(["views.updated"], () => void queries.invalidateQueries(savedViewsQuery(org)));
  useLive(["canned_replies.updated"], () => void queries.invalidateQueries({ queryKey: ["org", org, "canned-replies"] }));
  useLive(["template.changed"], () => void queries.invalidateQueries({ queryKey: ["org", org, "templates"] }));
  useLive(["account.changed"], () => {
    void queries.invalidateQueries({ queryKey: ["org", org, "numbers"] });
    void queries.invalidateQueries({ queryKey: ["org", org, "templates"] });
  });
}
