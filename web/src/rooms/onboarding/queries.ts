/** Connections, messaging accounts, links and checklists, as the pages of this room read and change them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { organisationQuery as theOrganisation } from "@/app/organisation";
import { useOrg } from "@/app/session";

export type Connection = Schemas["Connection"];
export type Step = Schemas["ConnectionStep"];
export type StepName = Schemas["Step"];
export type Trouble = Schemas["StepTrouble"];
export type Account = Schemas["Account"];
export type PhoneNumber = Schemas["Number"];
export type MetaApp = Schemas["MetaApp"];
export type Mode = Schemas["Mode"];
export type Variant = Schemas["Variant"];

/** Changes are told only to pages that are open; whoever comes back sees what was read, and it is read anew. */
const staleTime = 0;

export const connectionsQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "connections"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/connections", { params: { path: { org }, query: { limit: 20 } } })),
  });

export const connectionQuery = (org: string, connection: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "connections", connection],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/connections/{connection}", { params: { path: { org, connection } } })),
  });

export const metaAppsQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "meta-apps"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/meta-apps", { params: { path: { org } } })),
  });

/** The organisation, as it is now. */
export const organisationQuery = (org: string) => ({ ...theOrganisation(org), staleTime });

export const connectInvitesQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "connect-invites"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/connect-invites", { params: { path: { org } } })),
  });

export const accountsQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "accounts"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/accounts", { params: { path: { org } } })),
  });

export const accountQuery = (org: string, account: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "accounts", account],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/accounts/{account}", { params: { path: { org, account } } })),
  });

export const templatesQuery = (org: string, account: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "accounts", account, "templates"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/accounts/{account}/templates", {
          params: { path: { org, account }, query: { limit: 200 } },
        }),
      ),
  });

export const readinessQuery = (org: string) =>
  queryOptions({
    staleTime,
    queryKey: ["org", org, "readiness"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/readiness", { params: { path: { org } } })),
  });

export const operatorReadinessQuery = queryOptions({
  staleTime,
  queryKey: ["operator", "readiness"],
  queryFn: () => answer(api.GET("/api/v1/operator/readiness")),
});

/** What a link leads to. No account is needed: the token is the proof. */
export const openInviteQuery = (token: string) =>
  queryOptions({
    staleTime,
    queryKey: ["connect-invite", token],
    queryFn: () => answer(api.GET("/api/v1/invites/{token}", { params: { path: { token } } })),
  });

/** Reads anew what connections and accounts are changed by. */
export function useFreshOnboarding(): void {
  const org = useOrg();
  const queries = useQueryClient();
  const anew = (...nouns: string[]) =>
    nouns.forEach((noun) => void queries.invalidateQueries({ queryKey: ["org", org, noun] }));
  // A step of a connection tells something of its account too: a payment that was found, a first message.
  useFresh(["connection.changed"], () => anew("connections", "connect-invites", "accounts", "readiness"));
  useFresh(["account.changed", "account.token_ending"], () => anew("accounts", "readiness"));
}

/** Something done to a connection that answers with it as it is from now on. */
export function useConnectionDeed<Wish = void>(
  connection: string,
  deed: (path: { org: string; connection: string }, wish: Wish) => Promise<Connection>,
) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed({ org, connection }, wish),
    onSuccess: (now) => queries.setQueryData(connectionQuery(org, connection).queryKey, now),
  });
}

export const retryStep = (path: { org: string; connection: string }, step: StepName) =>
  answer(
    api.POST("/api/v1/orgs/{org}/connections/{connection}/steps/{step}/retry", { params: { path: { ...path, step } } }),
  );

export const choose = (path: { org: string; connection: string }, body: Schemas["ChoiceRequest"]) =>
  answer(api.POST("/api/v1/orgs/{org}/connections/{connection}/choice", { params: { path }, body }));

export const abandon = (org: string, connection: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/connections/{connection}", { params: { path: { org, connection } } }));

/** Looks at Meta whether an account is really connected. */
export function useCheck(account: string) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/orgs/{org}/accounts/{account}/check", { params: { path: { org, account } } }),
      ),
    onSuccess: async (looked) => {
      queries.setQueryData(accountQuery(org, account).queryKey, looked.account);
      await queries.invalidateQueries({ queryKey: accountsQuery(org).queryKey, exact: true });
    },
  });
}
