/** Who is signed in, and what they may do in the organisation they are looking at. */
import { queryOptions, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useCallback } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { forgetBrowser } from "@/rooms/alerts/browser";

/** A right that a page or button asks for. */
export type Right = Schemas["Right"];

/** The person, and where they are a member. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await answer(api.GET("/api/v1/me"));
    if (me.kind !== "person") throw new Error("Pages are for people, not for keys.");
    return me;
  },
  staleTime: 5 * 60_000,
});

/** The person who is signed in. Only within pages for people who are. */
export function useMe(): Schemas["Me"] {
  return useSuspenseQuery(meQuery).data;
}

/** The membership in the organisation of this page. Only within its pages. */
export function useMembership(): Schemas["Membership"] {
  const { org } = useParams({ strict: false });
  const membership = useMe().organisations.find((one) => one.slug === org);
  if (!membership) throw new Error("This page stands outside an organisation.");
  return membership;
}

/** The id of the organisation of this page. */
export function useOrg(): string {
  return useMembership().id;
}

/** Asks whether the person may do something here. A suspended organisation may only be read. */
export function useMay(): (right: Right) => boolean {
  const { rights, status } = useMembership();
  return (right) => rights.includes(right) && (status === "active" || right.endsWith(".read"));
}

/** Signs out in this browser, forgets everything that was read, and goes to the sign-in page or elsewhere. */
export function useSignOut(): (to?: string) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async (to = "/sign-in") => {
    await answer(api.DELETE("/api/v1/session"));
    // Whoever uses this browser next is not told of customers. What cannot be forgotten here hinders nobody from leaving.
    await forgetBrowser().catch(() => undefined);
    queries.clear();
    location.assign(to);
  }, [queries]);
}
