/** People and keys, as the pages of this room read them. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { useFresh } from "@/api/live";
import { membersQuery } from "@/app/members";
import { meQuery, useOrg } from "@/app/session";

export const invitesQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "invites"],
    queryFn: async () => (await answer(api.GET("/api/v1/orgs/{org}/invites", { params: { path: { org } } }))).items,
  });

export const keysQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "keys"],
    queryFn: async () => (await answer(api.GET("/api/v1/orgs/{org}/keys", { params: { path: { org } } }))).items,
  });

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async () => (await answer(api.GET("/api/v1/sessions"))).items,
  staleTime: 0,
});

export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: async () => (await answer(api.GET("/api/v1/me/passkeys"))).items,
});

export const identitiesQuery = queryOptions({
  queryKey: ["identities"],
  queryFn: async () => (await answer(api.GET("/api/v1/me/identities"))).items,
});

/** Reads members and invitations anew when somebody joins, leaves or is given another role. */
export function useFreshMembers(): () => Promise<void> {
  const org = useOrg();
  const queries = useQueryClient();
  const anew = async () => {
    await Promise.all(
      [membersQuery(org).queryKey, invitesQuery(org).queryKey, meQuery.queryKey].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
  };
  useFresh(["member.updated"], () => void anew());
  return anew;
}
