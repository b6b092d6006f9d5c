/** In which browsers one is called, and by which organisations. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { isCode } from "@/api/problem";
import { useMe } from "@/app/session";
import { fingerprint, forgetBrowser, subscribe } from "./browser";

export type Subscription = Schemas["PushSubscription"];

/** By what the server knows this browser; `null`: it cannot be called. */
export const browserQuery = queryOptions({ queryKey: ["push-browser"], queryFn: fingerprint, staleTime: 0 });

/** The browsers in which an organisation calls one. */
export const subscriptionsQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "push-subscriptions"],
    queryFn: async () => (await answer(api.GET("/api/v1/orgs/{org}/push-subscriptions", { params: { path: { org } } }))).items,
  });

const at = (org: string, { id }: Subscription) => ({ params: { path: { org, subscription: id } } });

/** Reads anew what a deed changes, also where it failed half-way. */
function useFresh(org: string) {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries(browserQuery), queries.invalidateQueries(subscriptionsQuery(org))]);
}

/** Takes the worker away unless another organisation calls this browser: without a call it has nothing to do. */
function useLetGo(org: string) {
  const queries = useQueryClient();
  const { organisations } = useMe();
  return async () => {
    const here = await fingerprint();
    const isHere = (one: Subscription) => one.endpoint_sha256 === here;
    const others = organisations.filter((one) => one.id !== org);
    const isCalled = others.some((one) => queries.getQueryData(subscriptionsQuery(one.id).queryKey)?.some(isHere));
    if (!isCalled) await forgetBrowser();
  };
}

/** Has this browser called by an organisation. */
export function useTurnOn(org: string) {
  const { t } = useTranslation("alerts");
  const refresh = useFresh(org);
  const letGo = useLetGo(org);
  return useMutation({
    mutationFn: async () => {
      const key = await answer(api.GET("/api/v1/orgs/{org}/push-key", { params: { path: { org } } }));
      const body = await subscribe(key.public_key, { denied: t("refused.denied"), noService: t("refused.noService") });
      await answer(api.POST("/api/v1/orgs/{org}/push-subscriptions", { params: { path: { org } }, body }));
    },
    onError: letGo,
    onSettled: refresh,
  });
}

/** Has a browser, this one or another, called by an organisation no more. */
export function useTurnOff(org: string) {
  const refresh = useFresh(org);
  const letGo = useLetGo(org);
  return useMutation({
    mutationFn: async (subscription: Subscription) => {
      await answer(api.DELETE("/api/v1/orgs/{org}/push-subscriptions/{subscription}", at(org, subscription)));
      if (subscription.endpoint_sha256 === (await fingerprint())) await letGo();
    },
    onSettled: refresh,
  });
}

/** Has a test alert sent. */
export function useTry(org: string) {
  const refresh = useFresh(org);
  const letGo = useLetGo(org);
  return useMutation({
    mutationFn: (subscription: Subscription) =>
      answer(api.POST("/api/v1/orgs/{org}/push-subscriptions/{subscription}/try", at(org, subscription))),
    onError: async (error) => {
      // Such a subscription is of no use any more: turning alerts on again makes another.
      if (isCode(error, "push_subscription_gone")) await letGo();
      await refresh();
    },
  });
}
