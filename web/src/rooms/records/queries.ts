/** Business records, as the pages of this room read them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFreshQueries } from "@/api/fresh";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type BusinessRecord = Schemas["Record"];
export type RecordKind = Schemas["RecordKind"];
export type Field = Schemas["RecordField"];
export type Connector = Schemas["Connector"];

/** What stands in a record, by the keys of its kind's fields. The document says only that it is an object. */
export const dataOf = (record: BusinessRecord) => record.data as Readonly<Record<string, unknown>>;

/** Everything of this room begins with it. */
export const recordsKey = (org: string) => ["org", org, "records"] as const;

/** What narrows the list. */
export interface RecordChoice {
  kind?: string;
  q?: string;
}

export const recordsQuery = (org: string, choice: RecordChoice) =>
  pagedQuery([...recordsKey(org), "list", choice], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/records", { params: { path: { org }, query: { ...choice, after } } })),
  );

export const recordQuery = (org: string, record: string) =>
  queryOptions({
    queryKey: [...recordsKey(org), record],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/records/{record}", { params: { path: { org, record } } })),
  });

export const kindsQuery = (org: string) =>
  queryOptions({
    queryKey: [...recordsKey(org), "kinds"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/record-kinds", { params: { path: { org } } })),
    select: (list) => list.items,
  });

export const connectorsQuery = (org: string) =>
  queryOptions({
    queryKey: [...recordsKey(org), "connectors"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/connectors", { params: { path: { org } } })),
    select: (list) => list.items,
  });

/** Reads this room anew when something in it changes. */
export function useFreshRecords(): void {
  useFreshQueries(["record.updated", "record.connector"], recordsKey(useOrg()));
}

/** Something done in this room; what is shown of it is read anew. */
export function useRecordDeed<Wish, Result>(deed: (org: string, wish: Wish) => Promise<Result>) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed(org, wish),
    onSuccess: () => queries.invalidateQueries({ queryKey: recordsKey(org) }),
  });
}

/** A record as it is to stand. */
type Wanted = Omit<Schemas["PutRecord"], "data"> & { data: object };

export const putRecord = (org: string, { data, ...body }: Wanted) =>
  answer(api.POST("/api/v1/orgs/{org}/records", { params: { path: { org } }, body: { ...body, data: data as Schemas["PutRecord"]["data"] } }));

export const removeRecord = (org: string, record: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/records/{record}", { params: { path: { org, record } } }));

export const keepKind = (record_kind?: string) => (org: string, body: Schemas["NewRecordKind"]) =>
  record_kind === undefined
    ? answer(api.POST("/api/v1/orgs/{org}/record-kinds", { params: { path: { org } }, body }))
    : answer(api.PUT("/api/v1/orgs/{org}/record-kinds/{record_kind}", { params: { path: { org, record_kind } }, body }));

export const removeKind = (org: string, record_kind: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/record-kinds/{record_kind}", { params: { path: { org, record_kind } } }));

export const keepConnector = (connector?: string) => (org: string, body: Schemas["NewConnector"]) =>
  connector === undefined
    ? answer(api.POST("/api/v1/orgs/{org}/connectors", { params: { path: { org } }, body }))
    : answer(api.PUT("/api/v1/orgs/{org}/connectors/{connector}", { params: { path: { org, connector } }, body }));

export const tryConnector = (org: string, body: Schemas["TryConnector"]) =>
  answer(api.POST("/api/v1/orgs/{org}/connectors/try", { params: { path: { org } }, body }));

export const readConnector = (org: string, connector: string) =>
  answer(api.POST("/api/v1/orgs/{org}/connectors/{connector}/read", { params: { path: { org, connector } } }));

export const removeConnector = (org: string, connector: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/connectors/{connector}", { params: { path: { org, connector } } }));
