/** Forms, experiments and links, as the pages of this room read them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFreshQueries } from "@/api/fresh";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type Form = Schemas["Form"];
export type FormRequest = Schemas["FormRequest"];
export type FormVersion = Schemas["FormVersion"];
export type FormWording = Schemas["FormWording"];
export type FormWords = Schemas["FormWords"];
export type Submission = Schemas["Submission"];
export type Experiment = Schemas["Experiment"];
export type ChatLink = Schemas["ChatLink"];

const formsKey = (org: string) => ["org", org, "forms"] as const;
const linksKey = (org: string) => ["org", org, "chat-links"] as const;

export const formsQuery = (org: string) =>
  queryOptions({
    queryKey: [...formsKey(org), "list"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/forms", { params: { path: { org } } })),
  });

export const formQuery = (org: string, form: string) =>
  queryOptions({
    queryKey: [...formsKey(org), form],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/forms/{form}", { params: { path: { org, form } } })),
  });

export const versionsQuery = (org: string, form: string) =>
  queryOptions({
    queryKey: [...formsKey(org), form, "versions"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/forms/{form}/versions", { params: { path: { org, form } } })),
  });

export const sentQuery = (org: string, form: string) =>
  pagedQuery([...formsKey(org), form, "sent"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/forms/{form}/submissions", { params: { path: { org, form }, query: { after } } })),
  );

export const experimentsQuery = (org: string, form: string) =>
  queryOptions({
    queryKey: [...formsKey(org), form, "experiments"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/forms/{form}/experiments", { params: { path: { org, form } } })),
  });

export const planQuery = (org: string, arms: number, base: number, effect: number) =>
  queryOptions({
    queryKey: ["org", org, "experiment-plan", arms, base, effect],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/experiment-plan", { params: { path: { org }, query: { arms, base, effect } } })),
    retry: false,
  });

export const linksQuery = (org: string) =>
  queryOptions({
    queryKey: linksKey(org),
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/chat-links", { params: { path: { org } } })),
  });

export const numbersQuery = (org: string) =>
  queryOptions({
    queryKey: [...formsKey(org), "numbers"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/numbers", { params: { path: { org } } })).then((list) => list.items),
  });

/** Reads everything of this room anew when something of it changed. */
export function useFreshForms(): void {
  const org = useOrg();
  useFreshQueries(["form.updated", "submission.updated", "experiment.updated"], formsKey(org));
  useFreshQueries(["chat_link.updated"], linksKey(org));
}

/** Something done that changes what this room shows. */
export function useDeed<Wish, Made>(deed: (org: string, wish: Wish) => Promise<Made>) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed(org, wish),
    onSuccess: () =>
      Promise.all([formsKey(org), linksKey(org)].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

export const makeForm = (org: string, body: Schemas["FormRequest"]) =>
  answer(api.POST("/api/v1/orgs/{org}/forms", { params: { path: { org } }, body }));

export const changeForm = (form: string) => (org: string, body: Schemas["FormRequest"]) =>
  answer(api.PUT("/api/v1/orgs/{org}/forms/{form}", { params: { path: { org, form } }, body }));

export const addVersion = (form: string) => (org: string, body: Schemas["NewFormVersion"]) =>
  answer(api.POST("/api/v1/orgs/{org}/forms/{form}/versions", { params: { path: { org, form } }, body }));

export const chooseVersion = (form: string) => (org: string, version: string) =>
  answer(api.POST("/api/v1/orgs/{org}/forms/{form}/versions/{version}/use", { params: { path: { org, form, version } } }));

export const putLogo = (form: string) => (org: string, image: string | null) =>
  answer(
    image === null
      ? api.DELETE("/api/v1/orgs/{org}/forms/{form}/logo", { params: { path: { org, form } } })
      : api.PUT("/api/v1/orgs/{org}/forms/{form}/logo", { params: { path: { org, form } }, body: { image } }),
  );

export const beginExperiment = (form: string) => (org: string, body: Schemas["NewExperiment"]) =>
  answer(api.POST("/api/v1/orgs/{org}/forms/{form}/experiments", { params: { path: { org, form } }, body }));

export const stopExperiment = (form: string) => (org: string, experiment: string) =>
  answer(api.POST("/api/v1/orgs/{org}/forms/{form}/experiments/{experiment}/stop", { params: { path: { org, form, experiment } } }));

export const adoptVersion = (form: string, experiment: string) => (org: string, version: string) =>
  answer(
    api.POST("/api/v1/orgs/{org}/forms/{form}/experiments/{experiment}/adopt", {
      params: { path: { org, form, experiment } },
      body: { version_id: version },
    }),
  );

export const keepLink = (link: string | undefined) => (org: string, body: Schemas["ChatLinkRequest"]) =>
  answer(
    link === undefined
      ? api.POST("/api/v1/orgs/{org}/chat-links", { params: { path: { org } }, body })
      : api.PUT("/api/v1/orgs/{org}/chat-links/{chat_link}", { params: { path: { org, chat_link: link } }, body }),
  );

/** What a form is, apart from its words, as it is sent to change some of it. */
export function asRequest({ name, number_id, double_opt_in, settings, status }: Form): Schemas["FormRequest"] {
  return { name, number_id, double_opt_in, settings, status };
}
