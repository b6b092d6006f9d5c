/** The organisation and what it decided, as every room knows it. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

export const organisationQuery = (org: string) =>
  queryOptions({
    queryKey: ["org", org, "organisation"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}", { params: { path: { org } } })),
  });
