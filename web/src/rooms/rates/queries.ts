/** The four rates, as the page reads them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

export type Rates = Schemas["Rates"];
export type Figures = Schemas["RateFigures"];
export type By = Schemas["RatesBy"];

/** What the page shows; part of its address. */
export interface Wish {
  by?: By;
  from?: string;
  until?: string;
  number?: string;
  template?: string;
  notification?: string;
}

export const ratesQuery = (org: string, wish: Wish) =>
  queryOptions({
    queryKey: ["org", org, "rates", wish],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/rates", { params: { path: { org }, query: wish } })),
    placeholderData: keepPreviousData,
  });

/** Where the same is as CSV. */
export function csvOf(org: string, wish: Wish): string {
  const named = Object.entries(wish).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return `/api/v1/orgs/${org}/rates.csv?${new URLSearchParams(named).toString()}`;
}
