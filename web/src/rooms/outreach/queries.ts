/** What was begun by the organisation and not by a contact, and what the gate said of it. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFreshQueries } from "@/api/fresh";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";
import { asked, type Shown } from "./shown";

export type Outreach = Schemas["Outreach"];

const key = (org: string) => ["org", org, "outreach"] as const;

export const outreachQuery = (org: string, shown: Shown) =>
  pagedQuery([...key(org), "page", shown], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/outreach", { params: { path: { org }, query: { ...asked(shown), after } } })),
  );

/** Contacts whose name or number holds these words. */
export const peopleQuery = (org: string, words: string) =>
  queryOptions({
    queryKey: [...key(org), "people", words],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/orgs/{org}/contacts", { params: { path: { org }, query: { q: words || undefined, limit: 10 } }, signal })),
  });

export const numbersQuery = (org: string) =>
  queryOptions({
    queryKey: [...key(org), "numbers"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/numbers", { params: { path: { org } } })).then((list) => list.items),
  });

/** Reads the list anew when something was decided, or became of it; a run decides many times a second. */
export function useFreshDecisions(): void {
  useFreshQueries(["outreach.updated", "message.updated", "reach.updated"], key(useOrg()));
}
