/** Templates, drafts and the library, as the pages of this room read and change them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, intention, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type Template = Schemas["Template"];
export type Detail = Schemas["TemplateDetail"];
export type Draft = Schemas["TemplateDraft"];
export type Fault = Schemas["TemplateFault"];
export type Content = Schemas["TemplateContent"];
export type Rules = Schemas["TemplateRules"];

/** Everything of this room begins with it. */
export const templatesKey = (org: string) => ["org", org, "templates"] as const;

/** What a list of templates is narrowed by; empty is all. */
export interface Filter {
  account: string;
  status: string;
  category: string;
  language: string;
  quality: string;
  words: string;
}

export const NO_FILTER: Filter = { account: "", status: "", category: "", language: "", quality: "", words: "" };

export const templatesQuery = (org: string, filter: Filter) => {
  const query = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""));
  return pagedQuery([...templatesKey(org), "all", query], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/templates", { params: { path: { org }, query: { ...query, after } } })),
  );
};

export const templateQuery = (org: string, template: string) =>
  queryOptions({
    queryKey: [...templatesKey(org), "one", template],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/templates/{template}", { params: { path: { org, template } } })),
  });

/** Messages that wait for a template. */
export const waitingQuery = (org: string, template: string) =>
  queryOptions({
    queryKey: [...templatesKey(org), "one", template, "waiting"],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/templates/{template}/waiting", { params: { path: { org, template } } })),
  });

export const draftsQuery = (org: string) =>
  queryOptions({
    queryKey: [...templatesKey(org), "drafts"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/template-drafts", { params: { path: { org } } })),
  });

export const draftQuery = (org: string, draft: string) =>
  queryOptions({
    queryKey: [...templatesKey(org), "drafts", draft],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/template-drafts/{draft}", { params: { path: { org, draft } } })),
    // It vanishes when Meta has taken it.
    retry: false,
  });

/** Meta's limits and languages; they change with a release. */
export const rulesQuery = (org: string) =>
  queryOptions({
    queryKey: [...templatesKey(org), "rules"],
    staleTime: Infinity,
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/template-rules", { params: { path: { org } } })),
  });

export const libraryQuery = (org: string, account: string, search: string, language: string) =>
  queryOptions({
    queryKey: [...templatesKey(org), "library", account, search, language],
    staleTime: 60_000,
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/accounts/{account}/template-library", {
          params: { path: { org, account }, query: { search: search || undefined, language: language || undefined } },
        }),
      ),
  });

/** Reads anew what a change of a template or draft concerns. */
export function useFreshTemplates(): void {
  const org = useOrg();
  const queries = useQueryClient();
  useFresh(["template.changed", "template_draft.changed", "account.changed"], () =>
    void queries.invalidateQueries({ queryKey: templatesKey(org) }),
  );
}

/** Something done that makes or changes a draft. */
export function useDraftDeed<Wish>(deed: (org: string, wish: Wish) => Promise<Draft>) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed(org, wish),
    onSuccess: () => void queries.invalidateQueries({ queryKey: draftsQuery(org).queryKey, exact: true }),
  });
}

export const beginDraft = (org: string, body: Content) =>
  answer(
    api.POST("/api/v1/orgs/{org}/template-drafts", { params: { path: { org }, header: { "Idempotency-Key": intention() } }, body }),
  );

export const editTemplate = (org: string, template: string) =>
  answer(api.POST("/api/v1/orgs/{org}/templates/{template}/edit", { params: { path: { org, template } } }));

export const duplicateTemplate = (org: string, { template, ...body }: Schemas["Duplicate"] & { template: string }) =>
  answer(
    api.POST("/api/v1/orgs/{org}/templates/{template}/duplicate", {
      params: { path: { org, template }, header: { "Idempotency-Key": intention() } },
      body,
    }),
  );

export const keepDraft = (org: string, draft: string, body: Content) =>
  answer(api.PUT("/api/v1/orgs/{org}/template-drafts/{draft}", { params: { path: { org, draft } }, body }));

export const submitDraft = (org: string, draft: string) =>
  answer(api.POST("/api/v1/orgs/{org}/template-drafts/{draft}/submit", { params: { path: { org, draft } } }));

export const removeDraft = (org: string, draft: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/template-drafts/{draft}", { params: { path: { org, draft } } }));

export const removeTemplate = (org: string, template: string, all: boolean) =>
  answer(
    api.DELETE("/api/v1/orgs/{org}/templates/{template}", {
      params: { path: { org, template }, query: { all_languages: all } },
    }),
  );

export const unpauseTemplate = (org: string, template: string) =>
  answer(api.POST("/api/v1/orgs/{org}/templates/{template}/unpause", { params: { path: { org, template } } }));
