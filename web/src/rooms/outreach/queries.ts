/** What was begun by the organisation and not by a contact, and what the gate said of it. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";
import { asked, type Shown } from "./shown";

export type Outreach = Schemas["Outreach"];

/** What happens all at once is read once. */
const TOGETHER_MS = 1_000;

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
  const org = useOrg();
  const queries = useQueryClient();
  const waits = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waits.current), []);
  useFresh(["outreach.updated", "message.updated", "reach.updated"], () => {
    waits.current ??= setTimeout(() => {
      waits.current = undefined;
      void queries.invalidateQueries({ queryKey: key(org) });
    }, TOGETHER_MS);
  });
}
