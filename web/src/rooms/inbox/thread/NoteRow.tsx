/** A note among the messages: for members alone. */
import { ActionIcon, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { PenLine, StickyNote, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useMay, useMembership, useOrg } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { Time } from "@/ui/Time";
import { NoteChange } from "../parts";
import { notesQuery, useMembers } from "../queries";
import classes from "./Bubble.module.css";
import { Formatted } from "./Formatted";

export function NoteRow({ note }: { note: Schemas["Note"] }) {
  const { t } = useTranslation("inbox");
  const { member_id: me } = useMembership();
  const may = useMay()("inbox.write");
  const members = useMembers();
  const [isChanging, setChanging] = useState(false);
  const remove = useRemoving(note);
  const isMine = note.author_id === me;
  const called = note.mentions.flatMap((one) => members.get(one)?.name ?? []);
  const author = isMine ? t("author.you") : (members.get(note.author_id ?? "")?.name ?? t("author.former"));
  return (
    <div className={classes.row} data-side="outbound" data-first>
      <article className={classes.bubble} data-note aria-label={t("note.by", { name: author })}>
        <Group gap={6} wrap="nowrap" className={classes.author} component="p">
          <StickyNote size={13} aria-hidden /> {isMine ? t("note.mine") : t("note.by", { name: author })}
        </Group>
        {isChanging ? (
          <NoteChange note={note} onDone={() => setChanging(false)} />
        ) : (
          <Formatted text={note.text} called={called} />
        )}
        <div className={classes.foot}>
          {isMine && may && !isChanging && (
            <Group gap={2} me="auto">
              <ActionIcon variant="subtle" color="gray" size={24} aria-label={t("note.change")} onClick={() => setChanging(true)}>
                <PenLine size={13} aria-hidden />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" size={24} aria-label={t("note.remove")} loading={remove.isPending} onClick={() => remove.mutate()}>
                <Trash2 size={13} aria-hidden />
              </ActionIcon>
            </Group>
          )}
          {note.edited_at && <Text fz={11}>{t("message.edited")}</Text>}
          <Time at={note.created_at} format="short" />
        </div>
      </article>
    </div>
  );
}

function useRemoving(note: Schemas["Note"]) {
  const org = useOrg();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/orgs/{org}/notes/{note}", { params: { path: { org, note: note.id } } })),
    onSuccess: () => queries.invalidateQueries(notesQuery(org, note.conversation_id)),
    onError: tellProblem,
  });
}
