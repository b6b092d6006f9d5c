/** How many conversations there are of each kind; small, for the frame around every page counts them too. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useThrottledCallback } from "@mantine/hooks";
import { answer, api } from "@/api/client";
import { useFresh } from "@/api/live";
import { useOrg } from "@/app/session";

export const countsQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "conversation-counts"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/conversations/counts", { params: { path: { org } } })),
  });

/** Counts anew when a conversation changes: at most once in a while, since a busy inbox has many. */
export function useCountsLive(): void {
  const org = useOrg();
  const queries = useQueryClient();
  const anew = useThrottledCallback(() => void queries.invalidateQueries(countsQuery(org)), 700);
  useFresh(["conversation.updated", "conversation.handed_off", "message.created"], () => anew());
}

/** A number as a badge has room for it. */
export function short(count: number): string {
  return count > 99 ? "99+" : `${count}`;
}
