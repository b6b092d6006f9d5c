/** What the AI answers from, as the pages of this room read it. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { upload } from "@/api/upload";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type Source = Schemas["Source"];
export type Pair = Schemas["Pair"];

/** Everything of this room begins with it. */
export const sourcesKey = (org: string) => ["org", org, "sources"] as const;

export const sourcesQuery = (org: string) =>
  pagedQuery([...sourcesKey(org), "list"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/sources", { params: { path: { org }, query: { after } } })),
  );

export const sourceQuery = (org: string, source: string) =>
  queryOptions({
    queryKey: [...sourcesKey(org), source],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/sources/{source}", { params: { path: { org, source } } })),
  });

export const contentQuery = (org: string, source: string) =>
  queryOptions({
    queryKey: [...sourcesKey(org), source, "content"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/sources/{source}/content", { params: { path: { org, source } } })),
  });

export const passagesQuery = (org: string, source: string) =>
  pagedQuery([...sourcesKey(org), source, "passages"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/sources/{source}/passages", { params: { path: { org, source }, query: { after } } })),
  );

/** Where the file of a source is fetched. */
export const fileAddress = (org: string, source: string) => `/api/v1/orgs/${org}/sources/${source}/file`;

/** Reads sources anew when one is read, changed or removed. */
export function useFreshSources(): void {
  const org = useOrg();
  const queries = useQueryClient();
  useFresh(["source.updated", "source.removed"], () => void queries.invalidateQueries({ queryKey: sourcesKey(org) }));
}

/** Something done to a source that answers with it as it is from now on. */
export function useSourceDeed<Wish = void>(deed: (org: string, wish: Wish) => Promise<Source>) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed(org, wish),
    onSuccess: async (source) => {
      queries.setQueryData(sourceQuery(org, source.id).queryKey, source);
      await queries.invalidateQueries({ queryKey: sourcesKey(org) });
    },
  });
}

export const renameSource = (source: string) => (org: string, title: string) =>
  answer(api.PATCH("/api/v1/orgs/{org}/sources/{source}", { params: { path: { org, source } }, body: { title } }));

export const readSourceAgain = (source: string) => (org: string) =>
  answer(api.POST("/api/v1/orgs/{org}/sources/{source}/read", { params: { path: { org, source } } }));

export const replaceText = (source: string) => (org: string, text: string) =>
  answer(api.PUT("/api/v1/orgs/{org}/sources/{source}/text", { params: { path: { org, source } }, body: { text } }));

export const replacePairs = (source: string) => (org: string, pairs: Pair[]) =>
  answer(api.PUT("/api/v1/orgs/{org}/sources/{source}/pairs", { params: { path: { org, source } }, body: { pairs } }));

export const replaceFile = (source: string) => (org: string, file: File) =>
  upload<Source>(fileAddress(org, source), { method: "PUT", file });

/** Removes a source; nothing is answered from it any more. */
export function useRemoveSource() {
  const org = useOrg();
  const queries = useQueryClient();
  return async (source: string) => {
    await answer(api.DELETE("/api/v1/orgs/{org}/sources/{source}", { params: { path: { org, source } } }));
    queries.removeQueries({ queryKey: [...sourcesKey(org), source] });
    await queries.invalidateQueries(sourcesQuery(org));
  };
}
