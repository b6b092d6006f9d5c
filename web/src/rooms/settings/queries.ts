/** What an organisation decides for itself. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { organisationQuery } from "@/app/organisation";
import { meQuery, useOrg } from "@/app/session";

export type Organisation = Schemas["Organisation"];

export const endpointQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "endpoint"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/ai/endpoint", { params: { path: { org } } })),
  });

export const filesKeptQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "filesKept"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/media/kept", { params: { path: { org } } })),
  });

export type RetentionRule = Schemas["RetentionRule"];

/** How many days to keep what; `null`: for ever. */
export type Keeping = Record<Schemas["Kept"], number | null>;

/** How long things are kept; with a wish, what would go if it held. */
export const retentionQuery = (org: string, wish: Partial<Keeping>) =>
  queryOptions({
    queryKey: ["org", org, "retention", wish],
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/retention", {
          params: { path: { org }, query: { conversations: wish.conversations ?? undefined, audit: wish.audit ?? undefined } },
        }),
      ),
  });

/** Says how long to keep what. */
export function useKeep() {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Keeping) => answer(api.PUT("/api/v1/orgs/{org}/retention", { params: { path: { org } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["org", org, "retention"] }),
  });
}

/** Reads the organisation anew when somebody changes it. */
export function useFreshOrganisation(): void {
  const org = useOrg();
  const queries = useQueryClient();
  useFresh(["organisation.updated"], () => void queries.invalidateQueries(organisationQuery(org)));
}

/** Changes what is named; the rest stays. */
export function useChangeOrganisation() {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) =>
      answer(
        // The document knows settings as a whole; what is sent is a merge patch of them (RFC 7396).
        api.PATCH("/api/v1/orgs/{org}", { params: { path: { org } }, body: change as Schemas["OrganisationChange"] }),
      ),
    onSuccess: async (organisation) => {
      queries.setQueryData(organisationQuery(org).queryKey, organisation);
      await queries.invalidateQueries(meQuery);
    },
  });
}

type Settings = Schemas["OrgSettings"];

/** A change of some of these. `null` means the default. */
export type Changed<T> = { [K in keyof T]?: T[K] | null };

/** A change of the organisation, and of some of its settings. */
type Change = Omit<Schemas["OrganisationChange"], "settings"> & {
  settings?: Partial<Omit<Settings, "ai" | "retention">> & {
    ai?: Changed<Settings["ai"]>;
    retention?: Changed<Settings["retention"]>;
  };
};
