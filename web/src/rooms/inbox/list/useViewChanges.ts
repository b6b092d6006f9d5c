/** Saving, changing and removing views. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { savedViewsQuery } from "../queries";

const ONE = "/api/v1/orgs/{org}/views/{view}";

/** What may be done with saved views. The list is read anew before whoever waits hears of it. */
export function useViewChanges() {
  const queries = useQueryClient();
  const org = useOrg();
  const onSuccess = () => queries.invalidateQueries(savedViewsQuery(org));
  const create = useMutation({
    mutationFn: (body: Schemas["NewInboxView"]) => answer(api.POST("/api/v1/orgs/{org}/views", { params: { path: { org } }, body })),
    onSuccess,
  });
  const change = useMutation({
    mutationFn: ({ id, ...body }: Schemas["InboxViewChange"] & { id: string }) =>
      answer(api.PUT(ONE, { params: { path: { org, view: id } }, body })),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (id: string) => answer(api.DELETE(ONE, { params: { path: { org, view: id } } })),
    onSuccess,
  });
  return { create, change, remove };
}
