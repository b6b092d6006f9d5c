/** What the inbox reads. Live events say what is stale: see `live.ts`. */
import { infiniteQueryOptions, queryOptions, useQuery, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useOrg } from "@/app/session";
import { asQuery, type Place } from "./places";
import { caughtUp, stretch, type Message, type Stretch } from "./thread/stretch";

/** How many conversations are read at once. */
const ROWS = 50;
/** How many messages are read at once, and at most. */
const MESSAGES = 50;
const MOST_MESSAGES = 200;

/** The lists of conversations, whatever they show. */
export const listsKey = (org: string) => ["org", org, "conversations"] as const;
/** A conversation's messages. */
export const threadKey = (org: string, conversation: string) => ["org", org, "thread", conversation] as const;
/** A conversation and what may be sent in it. */
export const conversationKey = (org: string, conversation: string) => ["org", org, "conversation", conversation] as const;

/** The conversations of a place, the newest first. */
export const listQuery = (org: string, place: Place) =>
  infiniteQueryOptions({
    queryKey: [...listsKey(org), place],
    queryFn: ({ pageParam }: { pageParam: string | null }) =>
      answer(
        api.GET("/api/v1/orgs/{org}/conversations", {
          params: { path: { org }, query: { ...asQuery(place), limit: ROWS, after: pageParam ?? undefined } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });

/** The conversations with people of such a name or phone number. */
export const peopleQuery = (org: string, words: string) =>
  queryOptions({
    queryKey: ["org", org, "conversation-search", words],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/orgs/{org}/conversations", { params: { path: { org }, query: { q: words, limit: 8 } }, signal }),
      ),
    gcTime: 60_000,
    staleTime: 10_000,
  });

/** The messages that hold these words. */
export const searchQuery = (org: string, words: string, conversation?: string) =>
  infiniteQueryOptions({
    queryKey: ["org", org, "message-search", words, conversation],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/orgs/{org}/messages/search", {
          params: {
            path: { org },
            query: { q: words, conversation_id: conversation, limit: 30, after: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    gcTime: 60_000,
    staleTime: 10_000,
  });

/** A conversation, and what may be sent in it. */
export const conversationQuery = (org: string, conversation: string) =>
  queryOptions({
    queryKey: conversationKey(org, conversation),
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/conversations/{conversation}", { params: { path: { org, conversation } } }),
      ),
  });

/** Which part of a conversation. */
export type Part = { older_than: string } | { newer_than: string } | { around: string } | { limit: number };

/** Reads a part of a conversation. */
export async function readPart(org: string, conversation: string, part: Part): Promise<Stretch> {
  const query = { limit: MESSAGES, ...part };
  const path = { org, conversation };
  return stretch(
    await answer(api.GET("/api/v1/orgs/{org}/conversations/{conversation}/messages", { params: { path, query } })),
  );
}

/** A conversation's messages: the newest, and whatever was read beyond them. Read anew it catches up. */
export const threadQuery = (org: string, conversation: string) =>
  queryOptions({
    queryKey: threadKey(org, conversation),
    queryFn: async ({ client }): Promise<Stretch> => {
      const before = client.getQueryData<Stretch>(threadKey(org, conversation));
      const limit = Math.min(Math.max(before?.items.length ?? 0, MESSAGES), MOST_MESSAGES);
      const newest = await readPart(org, conversation, { limit });
      // Others may have written to it meanwhile.
      const had = client.getQueryData<Stretch>(threadKey(org, conversation));
      return had ? caughtUp(had, newest) : newest;
    },
    structuralSharing: false,
  });

/** Reads one message. */
export function readMessage(org: string, message: string): Promise<Schemas["MessageDetail"]> {
  return answer(api.GET("/api/v1/orgs/{org}/messages/{message}", { params: { path: { org, message } } }));
}

/** A message that stands outside what is here, such as one that is quoted. */
export const messageQuery = (org: string, message: string) =>
  queryOptions({
    queryKey: ["org", org, "message", message],
    queryFn: (): Promise<Message> => readMessage(org, message),
  });

/** What an answer of the AI rests on. */
export const answerQuery = (org: string, message: string) =>
  queryOptions({
    queryKey: ["org", org, "answer", message],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/messages/{message}/answer", { params: { path: { org, message } } })),
  });

/** The numbers. */
export const numbersQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "numbers"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/numbers", { params: { path: { org } } })),
    select: (list) => list.items,
  });

/** The labels that conversations have; a colleague may have thought of another. */
export const labelsQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "conversation-labels"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/conversations/labels", { params: { path: { org } } })),
    select: (list) => list.items,
    staleTime: 30_000,
  });

/** The labels that contacts have. */
export const contactLabelsQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "labels"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/contacts/labels", { params: { path: { org } } })),
    select: (list) => list.items,
  });

/** A contact, its names, and what it allows. */
export const contactQuery = (org: string, contact: string) =>
  queryOptions({
    queryKey: ["org", org, "contact", contact],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/contacts/{contact}", { params: { path: { org, contact } } })),
  });

/** A contact's consent, with every entry. */
export const consentQuery = (org: string, contact: string) =>
  queryOptions({
    queryKey: ["org", org, "consent", contact],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/contacts/{contact}/consent", { params: { path: { org, contact } } })),
  });

/** The contact's conversations, with every number. */
export const contactConversationsQuery = (org: string, contact: string) =>
  queryOptions({
    queryKey: ["org", org, "contact-conversations", contact],
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/conversations", { params: { path: { org }, query: { contact_id: contact } } }),
      ),
    select: (list) => list.items,
  });

/** The templates of a messaging account. */
export const templatesQuery = (org: string, account: string) =>
  queryOptions({
    queryKey: ["org", org, "templates", account],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/accounts/{account}/templates", { params: { path: { org, account } } })),
    select: (list) => list.items,
  });

/** The views that were saved: one's own, and everybody's. */
export const savedViewsQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "views"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/views", { params: { path: { org } } })),
    select: (list) => list.items,
  });

/** The contacts of such a name or phone number. */
export const contactsQuery = (org: string, words: string) =>
  queryOptions({
    queryKey: ["org", org, "contact-search", words],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/orgs/{org}/contacts", { params: { path: { org }, query: { q: words || undefined, limit: 8 } }, signal })),
    select: (list) => list.items,
    gcTime: 60_000,
    staleTime: 10_000,
  });

/** The members by their ids. */
export function useMembers(): ReadonlyMap<string, Schemas["Member"]> {
  const { data } = useQuery(membersQuery(useOrg()));
  return new Map(data?.map((member) => [member.id, member]));
}

/** Changes the stretch of a conversation that is here; does nothing where none is. */
export function changeThread(
  queries: QueryClient,
  org: string,
  conversation: string,
  change: (had: Stretch) => Stretch,
): void {
  queries.setQueryData<Stretch>(threadKey(org, conversation), (had) => had && change(had));
}

/** The texts kept for answering with. */
export const cannedQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "canned-replies"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/canned-replies", { params: { path: { org } } })),
    select: (list) => list.items,
  });

/** What members tell each other in a conversation: the newest notes. */
export const notesQuery = (org: string, conversation: string) =>
  queryOptions({
    queryKey: ["org", org, "notes", conversation],
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/conversations/{conversation}/notes", {
          params: { path: { org, conversation }, query: { limit: 200 } },
        }),
      ),
    select: (list) => list.items,
  });
