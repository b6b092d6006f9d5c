/** What the first page reads of every room. */
import { queryOptions, useQueryClient, useSuspenseQueries } from "@tanstack/react-query";
import { useThrottledCallback } from "@mantine/hooks";
import { answer, api } from "@/api/client";
import { useFresh, type LiveKind } from "@/api/live";
import { membersQuery } from "@/app/members";
import { useOrg } from "@/app/session";
import { accountsQuery } from "@/rooms/onboarding/queries";
import type { Facts } from "./progress";

/** Whoever comes back to the first page sees how things stand now. */
const staleTime = 0;

const sourcesQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "sources", "start"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/sources", { params: { path: { org }, query: { limit: 50 } } })),
  });

const newestQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "start", "conversations"],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/conversations", { params: { path: { org }, query: { limit: 200 } } })),
  });

export const countsQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "start", "counts"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/conversations/counts", { params: { path: { org } } })),
  });

/** Everything that tells how far the organisation is. */
export function useFacts(): Facts & { older: boolean } {
  const org = useOrg();
  const [accounts, sources, conversations, members] = useSuspenseQueries({
    queries: [accountsQuery(org), sourcesQuery(org), newestQuery(org), { ...membersQuery(org), staleTime }],
  });
  return {
    accounts: accounts.data.items,
    sources: sources.data.items,
    conversations: conversations.data.items,
    older: Boolean(conversations.data.next),
    people: members.data.length,
  };
}

/** What an event makes stale here. */
const NOUNS: Partial<Record<LiveKind, readonly string[]>> = {
  "account.changed": ["accounts"],
  "connection.changed": ["accounts"],
  "source.updated": ["sources"],
  "source.removed": ["sources"],
  "message.created": ["start", "accounts"],
  "conversation.updated": ["start"],
  "conversation.handed_off": ["start"],
};

/** Reads anew what events change: at most once in a while, since a busy inbox has many. */
export function useFreshStart(): void {
  const org = useOrg();
  const queries = useQueryClient();
  const anew = (noun: string) => void queries.invalidateQueries({ queryKey: ["org", org, noun] });
  const conversations = useThrottledCallback(() => anew("start"), 1500);
  useFresh(Object.keys(NOUNS) as LiveKind[], (_, kind) => {
    for (const noun of NOUNS[kind] ?? []) {
      if (noun === "start") conversations();
      else anew(noun);
    }
  });
}
