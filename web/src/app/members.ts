/** The people of an organisation, as every room knows them, kept up to date in all of them. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { meQuery, useMembership } from "./session";

/** How many the server gives at once. */
const MOST = 200;

/** All members. */
export const membersQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "members"],
    queryFn: async () => {
      const members: Schemas["Member"][] = [];
      for (let after: string | undefined; ; ) {
        const query = { after, limit: MOST };
        const page = await answer(api.GET("/api/v1/orgs/{org}/members", { params: { path: { org }, query } }));
        members.push(...page.items);
        if (!page.next) return members;
        after = page.next;
      }
    },
  });

/** Reads members anew when somebody joins, leaves or is given another role; and what one may do, where it is oneself. */
export function useMembersLive(): void {
  const queries = useQueryClient();
  const { id: org, member_id: me } = useMembership();
  useFresh(["member.updated"], ({ member_id: member }) => {
    void queries.invalidateQueries(membersQuery(org));
    if (member === me) void queries.invalidateQueries(meQuery);
  });
}
