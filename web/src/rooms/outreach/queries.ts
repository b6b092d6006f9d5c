/** What was begun by the organisation and not by a contact, and what the gate said of it. */
import { answer, api, type Schemas } from "@/api/client";
import { pagedQuery } from "@/ui/Paged";

export type Outreach = Schemas["Outreach"];
export type Verdict = Schemas["OutreachVerdict"];

/** Which are shown. */
export interface Shown {
  verdict: Verdict | null;
  template: string;
}

/** Read anew whenever the page is entered, and now and then while it is open. */
export const outreachQuery = (org: string, { verdict, template }: Shown) => ({
  ...pagedQuery(["org", org, "outreach", verdict, template], (after) =>
    answer(
      api.GET("/api/v1/orgs/{org}/outreach", {
        params: { path: { org }, query: { after, verdict: verdict ?? undefined, template: template || undefined } },
      }),
    ),
  ),
  staleTime: 0,
  refetchInterval: 10_000,
});

/** Where a browser gets the same as a table. */
export function exportAddress(org: string, { verdict, template }: Shown): string {
  const query = new URLSearchParams();
  if (verdict) query.set("verdict", verdict);
  if (template) query.set("template", template);
  const asked = query.toString();
  return `/api/v1/orgs/${org}/outreach/export${asked && `?${asked}`}`;
}
