/** The people an organisation knows, as the pages of this room read them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFreshQueries } from "@/api/fresh";
import { upload } from "@/api/upload";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type Contact = Schemas["Contact"];
export type ContactDetail = Schemas["ContactDetail"];
export type Import = Schemas["Import"];
export type ImportField = Schemas["ImportField"];
export type Erasure = Schemas["Erasure"];

/** Which contacts a list shows. */
export interface ContactFilter {
  q?: string;
  label?: string;
  /** `stopped`, or a purpose and how one stands towards it. */
  stands?: Stands;
  /** On which channel they stand so. */
  channel?: ConsentChannel;
}

export const CHANNELS = ["whatsapp", "email", "sms"] as const;
export type ConsentChannel = (typeof CHANNELS)[number];

export const STANDS = ["stopped", "utility opted_in", "utility opted_out", "marketing opted_in", "marketing opted_out", "marketing unknown"] as const;
export type Stands = (typeof STANDS)[number];

/** What the server is asked for. */
function asked({ q, label, stands, channel }: ContactFilter) {
  if (stands === "stopped") return { q, label, stopped: true };
  const [purpose, standing] = (stands?.split(" ") ?? []) as [Schemas["Purpose"]?, Schemas["StandingWord"]?];
  return { q, label, purpose, standing, channel };
}

export const contactsKey = (org: string) => ["org", org, "contacts"] as const;
const importsKey = (org: string) => ["org", org, "imports"] as const;
const privacyKey = (org: string) => ["org", org, "privacy"] as const;

export const contactsQuery = (org: string, filter: ContactFilter) =>
  pagedQuery([...contactsKey(org), "list", filter], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/contacts", { params: { path: { org }, query: { ...asked(filter), after } } })),
  );

export const importsQuery = (org: string, of: Schemas["ImportOf"]) =>
  pagedQuery([...importsKey(org), "list", of], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/imports", { params: { path: { org }, query: { of, after } } })),
  );

export const importQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: [...importsKey(org), id],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/imports/{import}", { params: { path: { org, import: id } } })),
  });

/** The first rows that cannot be taken, or that are taken with something worth knowing about them. */
export const rowsToldOfQuery = (org: string, id: string, which: "faulty" | "noted") =>
  queryOptions({
    queryKey: [...importsKey(org), id, which],
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/imports/{import}/rows", {
          params: { path: { org, import: id }, query: { ...(which === "noted" ? { noted: true } : { verdict: which }), limit: 20 } },
        }),
      ),
  });

export const exportsQuery = (org: string, contact: string) =>
  queryOptions({
    queryKey: [...privacyKey(org), "exports", contact],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/contacts/{contact}/exports", { params: { path: { org, contact } } })),
  });

export const erasuresQuery = (org: string) =>
  pagedQuery([...privacyKey(org), "erasures"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/erasures", { params: { path: { org }, query: { after } } })),
  );

export const erasureQuery = (org: string, erasure: string) =>
  queryOptions({
    queryKey: [...privacyKey(org), "erasure", erasure],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/erasures/{erasure}", { params: { path: { org, erasure } } })),
  });

export const suppressionsQuery = (org: string) =>
  queryOptions({
    queryKey: [...privacyKey(org), "suppressions"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/suppressions", { params: { path: { org } } })),
  });

/** Where files are fetched. */
export const contactsFile = (org: string) => `/api/v1/orgs/${org}/contacts/export`;
export const reportFile = (org: string, id: string, language: string, noted = false) => `/api/v1/orgs/${org}/imports/${id}/report?language=${language}&noted=${noted}`;
export const exportFile = (org: string, id: string) => `/api/v1/orgs/${org}/contact-exports/${id}/file`;

/** Reads contacts anew when one changes. */
export function useFreshContacts(): void {
  useFreshQueries(["contact.updated"], contactsKey(useOrg()));
}

/** Reads imports anew when one comes further. */
export function useFreshImports(): void {
  useFreshQueries(["import.updated"], importsKey(useOrg()));
}

/** Reads what people asked for anew when it comes further. */
export function useFreshPrivacy(): void {
  useFreshQueries(["contact_export.updated", "erasure.updated"], privacyKey(useOrg()));
}

/** Sends a file of contacts, or of records of a kind. */
export function useBringIn() {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ file, kind, sheet }: { file: File; kind?: string; sheet?: string }) => {
      const fields = { ...(kind && { record_kind_id: kind }), ...(sheet && { sheet }) };
      return upload<Schemas["UploadedImport"]>(`/api/v1/orgs/${org}/imports`, { method: "POST", file, fields });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: importsKey(org) }),
  });
}

/** What can be done with an import. */
export function useImportDeed(id: string) {
  const org = useOrg();
  const queries = useQueryClient();
  const params = { path: { org, import: id } };
  return useMutation({
    mutationFn: (deed: { check: Schemas["Plan"] } | { checkRecords: Schemas["RecordPlan"] } | "run" | "cancel" | "undo"): Promise<Import> => {
      if (deed === "undo") return answer(api.POST("/api/v1/orgs/{org}/imports/{import}/undo", { params }));
      if (deed === "run") return answer(api.POST("/api/v1/orgs/{org}/imports/{import}/run", { params }));
      if (deed === "cancel") return answer(api.POST("/api/v1/orgs/{org}/imports/{import}/cancel", { params }));
      return "check" in deed
        ? answer(api.POST("/api/v1/orgs/{org}/imports/{import}/check", { params, body: deed.check }))
        : answer(api.POST("/api/v1/orgs/{org}/imports/{import}/check-records", { params, body: deed.checkRecords }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: importsKey(org) }),
  });
}

/** Changes what the organisation says about a contact. */
export function useChangeContact(contact: string) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ContactPatch"]) =>
      answer(api.PATCH("/api/v1/orgs/{org}/contacts/{contact}", { params: { path: { org, contact } }, body })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["org", org, "contact", contact] });
      await queries.invalidateQueries({ queryKey: contactsKey(org) });
    },
  });
}

/** Makes another contact part of this one. */
export function useMerge(contact: string) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (other: string) =>
      answer(api.POST("/api/v1/orgs/{org}/contacts/{contact}/merge", { params: { path: { org, contact } }, body: { contact_id: other } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["org", org, "contact", contact] });
      await queries.invalidateQueries({ queryKey: contactsKey(org) });
    },
  });
}

/** The few contacts that a word finds first. */
export const foundQuery = (org: string, q: string) =>
  queryOptions({
    queryKey: [...contactsKey(org), "found", q],
    queryFn: async () => (await answer(api.GET("/api/v1/orgs/{org}/contacts", { params: { path: { org }, query: { q, limit: 10 } } }))).items,
    enabled: q.length > 1,
  });

/** Has all that is held about a contact put together. */
export function useExport(contact: string) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/orgs/{org}/contacts/{contact}/exports", { params: { path: { org, contact } }, body: {} })),
    onSuccess: () => queries.invalidateQueries(exportsQuery(org, contact)),
  });
}

/** Erases a contact. */
export function useErase(contact: string) {
  const org = useOrg();
  return useMutation({
    mutationFn: (body: Schemas["NewErasure"]) =>
      answer(api.POST("/api/v1/orgs/{org}/contacts/{contact}/erase", { params: { path: { org, contact } }, body })),
  });
}

/** Puts somebody on the list of those who are never written to, or takes them off it. */
export function useSuppress() {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ remove, ...body }: Schemas["NewSuppression"] & { remove: boolean }) =>
      answer(
        remove
          ? api.POST("/api/v1/orgs/{org}/suppressions/remove", { params: { path: { org } }, body })
          : api.POST("/api/v1/orgs/{org}/suppressions", { params: { path: { org } }, body }),
      ),
    onSuccess: () => queries.invalidateQueries(suppressionsQuery(org)),
  });
}
