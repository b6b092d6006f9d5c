/** Changes what the organisation says about a contact. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { contactQuery } from "../queries";

/** Name, labels or language of a contact. */
export function useContactChange(contact: string) {
  const queries = useQueryClient();
  const org = useOrg();
  return useMutation({
    mutationFn: (body: Schemas["ContactPatch"]) =>
      answer(api.PATCH("/api/v1/orgs/{org}/contacts/{contact}", { params: { path: { org, contact } }, body })),
    onSuccess: () => queries.invalidateQueries(contactQuery(org, contact)),
    onError: tellProblem,
  });
}
