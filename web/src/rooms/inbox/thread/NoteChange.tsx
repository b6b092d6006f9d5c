/** Changes a note; those whom it names by `@` then are called. */
import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useOrg } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { mentioned } from "../composer/suggest";
import { notesQuery } from "../queries";

export function NoteChange({ note, onDone }: { note: Schemas["Note"]; onDone: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const queries = useQueryClient();
  const { data: members = [] } = useQuery(membersQuery(org));
  const [text, setText] = useState(note.text);
  const change = useMutation({
    mutationFn: (to: string) =>
      answer(
        api.PUT("/api/v1/orgs/{org}/notes/{note}", {
          params: { path: { org, note: note.id } },
          body: { text: to, mentions: mentioned(to, members) },
        }),
      ),
    onSuccess: () => {
      onDone();
      return queries.invalidateQueries(notesQuery(org, note.conversation_id));
    },
    onError: tellProblem,
  });
  return (
    <>
      <Textarea aria-label={t("note.label")} autosize autoFocus value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Group gap="xs" mt={6}>
        <Button size="compact-xs" loading={change.isPending} disabled={text.trim() === ""} onClick={() => change.mutate(text.trim())}>
          {t("save")}
        </Button>
        <Button size="compact-xs" variant="default" onClick={onDone}>
          {t("cancel")}
        </Button>
      </Group>
    </>
  );
}
