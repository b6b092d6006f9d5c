/** Whose phone an address names. A phone number that nobody has makes a new person, as a message from it would. */
import { queryOptions } from "@tanstack/react-query";
import { get, part, Refused } from "../api/client";
import type { Person } from "../api/types";
import { create } from "../api/write";

/** The id of the person. */
export const arrivalQuery = (from: string) =>
  queryOptions({
    queryKey: ["arrival", from],
    queryFn: async () => {
      try {
        return (await get<Person>(`/people/${part(from)}`)).id;
      } catch (problem) {
        if (!(problem instanceof Refused) || !isPhone(from)) throw problem;
        return (await create({ phone: from, receipts: "delivered" })).id;
      }
    },
    retry: false,
  });

function isPhone(text: string): boolean {
  return /^\+?[\d ()-]+$/.test(text) && text.replace(/\D/g, "").length >= 8;
}
