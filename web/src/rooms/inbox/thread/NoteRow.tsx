/** A note among the messages: for members alone. */
import { ActionIcon, Button, Group, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PenLine, StickyNote, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useMay, useMembership } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { Time } from "@/ui/Time";
import { mentioned } from "../composer/suggest";
import { notesQuery, useMembers } from "../queries";
import classes from "./Bubble.module.css";
import { Formatted } from "./Formatted";

export function NoteRow({ note }: { note: Schemas["Note"] }) {
  const { t } = useTranslation("inbox");
  const { member_id: me } = useMembership();
  const may = useMay()("inbox.write");
  const members = useMembers();
  const [isChanging, setChanging] = useState(false);
  const { change, remove } = useNoteChanges(note);
  const isMine = note.author_id === me;
  const author = isMine ? t("author.you") : (members.get(note.author_id ?? "")?.name ?? t("author.former"));
  return (
    <div className={classes.row} data-side="outbound" data-first>
      <article className={classes.bubble} data-note aria-label={t("note.by", { name: author })}>
        <Group gap={6} wrap="nowrap" className={classes.author} component="p">
          <StickyNote size={13} aria-hidden /> {isMine ? t("note.mine") : t("note.by", { name: author })}
        </Group>
        {isChanging ? (
          <ChangeForm
            note={note}
            isBusy={change.isPending}
            onSave={(text) => change.mutate(text, { onSuccess: () => setChanging(false) })}
            onCancel={() => setChanging(false)}
          />
        ) : (
          <Formatted text={note.text} />
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

function useNoteChanges(note: Schemas["Note"]) {
  const { id: org } = useMembership();
  const queries = useQueryClient();
  const { data: members = [] } = useQuery(membersQuery(org));
  const params = { path: { org, note: note.id } };
  const onSuccess = () => queries.invalidateQueries(notesQuery(org, note.conversation_id));
  const change = useMutation({
    mutationFn: (text: string) =>
      answer(api.PUT("/api/v1/orgs/{org}/notes/{note}", { params, body: { text, mentions: mentioned(text, members) } })),
    onSuccess,
    onError: tellProblem,
  });
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/orgs/{org}/notes/{note}", { params })),
    onSuccess,
    onError: tellProblem,
  });
  return { change, remove };
}

interface ChangeFormProps {
  note: Schemas["Note"];
  isBusy: boolean;
  onSave: (text: string) => void;
  onCancel: () => void;
}

function ChangeForm({ note, isBusy, onSave, onCancel }: ChangeFormProps) {
  const { t } = useTranslation("inbox");
  const [text, setText] = useState(note.text);
  return (
    <>
      <Textarea aria-label={t("note.label")} autosize autoFocus value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Group gap="xs" mt={6}>
        <Button size="compact-xs" loading={isBusy} disabled={text.trim() === ""} onClick={() => onSave(text.trim())}>
          {t("save")}
        </Button>
        <Button size="compact-xs" variant="default" onClick={onCancel}>
          {t("cancel")}
        </Button>
      </Group>
    </>
  );
}
