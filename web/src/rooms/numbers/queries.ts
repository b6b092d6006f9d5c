/** A number, what changed about it and its links, as the pages of this room read and change them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useFresh } from "@/api/live";
import { upload } from "@/api/upload";
import { useOrg } from "@/app/session";
import { pagedQuery } from "@/ui/Paged";

export type PhoneNumber = Schemas["Number"];
export type NumberChange = Schemas["NumberChange"];
export type NumberField = Schemas["NumberField"];
export type MessageLink = Schemas["MessageLink"];
export type ProfileWish = Schemas["NumberProfileRequest"];

const key = (org: string, number: string) => ["org", org, "numbers", number] as const;

export const numberQuery = (org: string, number: string) =>
  queryOptions({
    staleTime: 0,
    queryKey: key(org, number),
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/numbers/{number}", { params: { path: { org, number } } })),
  });

export const changesQuery = (org: string, number: string, field?: NumberField) =>
  pagedQuery([...key(org, number), "changes", field ?? "all"], (after) =>
    answer(
      api.GET("/api/v1/orgs/{org}/numbers/{number}/changes", {
        params: { path: { org, number }, query: { after, field, limit: 20 } },
      }),
    ),
  );

/** Grows with every template that leaves. */
export const allowanceQuery = (org: string, number: string) =>
  queryOptions({
    staleTime: 0,
    queryKey: [...key(org, number), "allowance"],
    queryFn: () => answer(api.GET("/api/v1/orgs/{org}/numbers/{number}/allowance", { params: { path: { org, number } } })),
  });

/** Kept at Meta: asked for when the part of the page is opened. */
export const linksQuery = (org: string, number: string) =>
  queryOptions({
    queryKey: [...key(org, number), "links"],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/numbers/{number}/links", { params: { path: { org, number }, query: { image: "png" } } })),
  });

export const suggestionsQuery = (org: string, number: string) =>
  queryOptions({
    queryKey: [...key(org, number), "username-suggestions"],
    queryFn: () =>
      answer(api.GET("/api/v1/orgs/{org}/numbers/{number}/username-suggestions", { params: { path: { org, number } } })),
    retry: false,
  });

/** Reads anew what Meta and others change. */
export function useFreshNumber(number: string): void {
  const org = useOrg();
  const queries = useQueryClient();
  useFresh(["number.changed", "number.links_changed", "account.changed"], () => {
    void queries.invalidateQueries({ queryKey: key(org, number) });
    void queries.invalidateQueries({ queryKey: ["org", org, "accounts"] });
  });
}

/** Something done to a number that answers with it as it is from now on. */
export function useDeed<Wish = void>(
  number: string,
  deed: (path: { org: string; number: string }, wish: Wish) => Promise<PhoneNumber>,
) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed({ org, number }, wish),
    onSuccess: async (now) => {
      queries.setQueryData(numberQuery(org, number).queryKey, now);
      await queries.invalidateQueries({ queryKey: [...key(org, number), "changes"] });
    },
  });
}

interface Path {
  org: string;
  number: string;
}

export const changeProfile = (path: Path, body: ProfileWish) =>
  answer(api.PATCH("/api/v1/orgs/{org}/numbers/{number}/profile", { params: { path }, body }));

export const setPicture = ({ org, number }: Path, file: File) =>
  upload<PhoneNumber>(`/api/v1/orgs/${org}/numbers/${number}/picture`, { method: "PUT", file });

export const requestName = (path: Path, name: string) =>
  answer(api.POST("/api/v1/orgs/{org}/numbers/{number}/name", { params: { path }, body: { name } }));

export const applyName = (path: Path) =>
  answer(api.POST("/api/v1/orgs/{org}/numbers/{number}/name/use", { params: { path } }));

export const changePin = (path: Path, pin: string) =>
  answer(api.POST("/api/v1/orgs/{org}/numbers/{number}/pin", { params: { path }, body: { pin } }));

export const claimUsername = (path: Path, body: { username: string; transfer: boolean }) =>
  answer(api.PUT("/api/v1/orgs/{org}/numbers/{number}/username", { params: { path }, body }));

export const giveUpUsername = (path: Path) =>
  answer(api.DELETE("/api/v1/orgs/{org}/numbers/{number}/username", { params: { path } }));

/** Changes Meta's links; the list is read anew. */
export function useLinkDeed<Wish>(number: string, deed: (path: Path, wish: Wish) => Promise<unknown>) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => deed({ org, number }, wish),
    onSuccess: () => queries.invalidateQueries({ queryKey: linksQuery(org, number).queryKey }),
  });
}

export const makeLink = (path: Path, text: string) =>
  answer(api.POST("/api/v1/orgs/{org}/numbers/{number}/links", { params: { path }, body: { text, image: "png" } }));

export const changeLink = (path: Path, { code, text }: { code: string; text: string }) =>
  answer(
    api.PUT("/api/v1/orgs/{org}/numbers/{number}/links/{code}", { params: { path: { ...path, code } }, body: { text } }),
  );

export const removeLink = (path: Path, code: string) =>
  answer(api.DELETE("/api/v1/orgs/{org}/numbers/{number}/links/{code}", { params: { path: { ...path, code } } }));

/** Reads everything about the number's account from Meta now. */
export function useLook(number: PhoneNumber) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/orgs/{org}/accounts/{account}/check", { params: { path: { org, account: number.account_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key(org, number.id) }),
  });
}
