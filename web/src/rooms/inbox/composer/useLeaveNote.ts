/** Leaves a note in a conversation. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useMay, useOrg } from "@/app/session";
import { notesQuery } from "../queries";
import { mentioned } from "./suggest";

/** Leaves a note; the members that it names by `@` are told. */
export function useLeaveNote(conversation: string) {
  const org = useOrg();
  const may = useMay();
  const queries = useQueryClient();
  const { data: members = [] } = useQuery({ ...membersQuery(org), enabled: may("members.read") });
  return useMutation({
    mutationFn: (text: string) =>
      answer(
        api.POST("/api/v1/orgs/{org}/conversations/{conversation}/notes", {
          params: { path: { org, conversation } },
          body: { text, mentions: mentioned(text, members) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries(notesQuery(org, conversation)),
  });
}
