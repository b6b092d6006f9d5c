/** Where messages are written: text, files and more; or why nothing may be written freely, and what may be sent instead. */
import { ActionIcon, Group, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Mic, Paperclip, SendHorizontal } from "lucide-react";
import { useImperativeHandle, useMemo, useRef, useState, type ClipboardEvent, type Ref } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useMe } from "@/app/session";
import { AttachModal, CannedModal, TemplateModal, VoiceNote } from "../parts";
import type { Message } from "../thread/stretch";
import { useChosen } from "./attention";
import { BlockedNote, ReadOnlyNote } from "./BlockedNote";
import classes from "./Composer.module.css";
import { Drafts } from "./drafts";
import { EmojiMenu } from "./EmojiMenu";
import { MoreMenu } from "./MoreMenu";
import { ReplyBar } from "./ReplyBar";
import { storage, useSend } from "./sending";
import { useFileDrop } from "./useFileDrop";
import { useFoot } from "./useFoot";
import { useLeaveNote } from "./useLeaveNote";
import { useTyping } from "./useTyping";
import { formHere } from "./voice/format";
import { WriteField } from "./WriteField";
import { tellProblem } from "@/ui/Problem";

/** What WhatsApp takes as one text. */
const LONGEST = 4096;

/** What a thread may ask of its composer. */
export interface ComposerHandle {
  replyTo: (message: Message) => void;
  /** Puts a text in, before what is there. */
  write: (text: string) => void;
  /** Begins to write a message or a note. */
  focus: (what: "message" | "note") => void;
}

interface ComposerProps {
  conversation: Schemas["ConversationDetail"];
  onSent: () => void;
  /** Somebody types. */
  onTyping: () => void;
  handle: Ref<ComposerHandle>;
}

export function Composer({ conversation, onSent, onTyping, handle }: ComposerProps) {
  const { t } = useTranslation("inbox");
  const { person } = useMe();
  const may = useMay()("inbox.write");
  const drafts = useMemo(() => new Drafts(storage(), person.id), [person.id]);
  const [draft, setDraft] = useState(() => drafts.read(conversation.id));
  // As it is by now, also for what ends later.
  const latest = useRef(draft);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [isPicking, setPicking] = useState(false);
  const [hasCanned, canned] = useDisclosure();
  const [isSpeaking, speaking] = useDisclosure();
  const [form] = useState(formHere);
  const leaveNote = useLeaveNote(conversation.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useFoot(box);
  const send = useSend(conversation.id);
  const typing = useTyping(conversation.id);
  const verdict = conversation.may_send.free_form;
  const isFree = verdict.verdict !== "refuse";
  // A note can be left even where nothing may be sent.
  const { isNote } = draft;
  const isOver = useFileDrop(may && isFree ? (dropped) => setFiles((had) => [...had, ...dropped]) : null);

  const change = (next: Partial<typeof draft>) => {
    latest.current = { ...latest.current, ...next };
    setDraft(latest.current);
    drafts.write(conversation.id, latest.current);
  };

  const turnTo = (what: "message" | "note") => {
    change({ isNote: what === "note" });
    // A note is written; whatever was being said ends.
    if (what === "note") speaking.close();
  };

  const write = (what: "message" | "note") => {
    // Where nothing may be sent, the field comes with the note; the next key must find it.
    flushSync(() => turnTo(what));
    field.current?.focus();
  };
  useChosen(conversation.id, () => field.current?.focus());

  useImperativeHandle(handle, () => ({
    replyTo: (message) => {
      change({ replyTo: message.id });
      // The menu that it was chosen in gives the focus back first.
      setTimeout(() => field.current?.focus(), 50);
    },
    write: (text) => {
      change({ text: draft.text ? `${text}\n${draft.text}` : text });
      field.current?.focus();
    },
    focus: write,
  }));

  if (!may) return <ReadOnlyNote />;

  const sendText = () => {
    const body = draft.text.trim();
    if (body === "" || body.length > LONGEST) return;
    send({ type: "text", body, preview_url: /https?:\/\//i.test(body) }, { replyTo: draft.replyTo });
    change({ text: "", replyTo: null });
    onSent();
  };

  const leave = () => {
    const text = draft.text.trim();
    if (text === "" || leaveNote.isPending) return;
    leaveNote.mutate(text, {
      onSuccess: () => {
        change({ text: "" });
        onSent();
      },
      onError: tellProblem,
    });
  };
  const submit = isNote ? leave : sendText;

  const quiet = () => {
    speaking.close();
    setTimeout(() => field.current?.focus());
  };
  const sendVoice = (file: File) => {
    const content = { type: "audio" as const, file: { media_id: "" }, voice: form?.isVoice ?? false };
    send(content, { attached: { file, kind: "audio" }, replyTo: draft.replyTo });
    change({ replyTo: null });
    quiet();
    onSent();
  };

  const onPaste = (event: ClipboardEvent) => {
    if (isNote) return;
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0) return;
    event.preventDefault();
    setFiles((had) => [...had, ...pasted]);
  };

  const insert = (text: string) => {
    const { selectionStart: from = draft.text.length, selectionEnd: to = from } = field.current ?? {};
    change({ text: draft.text.slice(0, from) + text + draft.text.slice(to) });
    setTimeout(() => {
      field.current?.focus();
      field.current?.setSelectionRange(from + text.length, from + text.length);
    });
  };

  const tooLong = draft.text.length > LONGEST;
  return (
    <div ref={box} className={classes.composer} data-over={isOver || undefined} data-note={isNote || undefined}>
      <div className={classes.modes} role="group" aria-label={t("composer.mode")}>
        <UnstyledButton className={classes.mode} aria-pressed={!isNote} onClick={() => write("message")}>
          {t("composer.message")}
        </UnstyledButton>
        <UnstyledButton className={classes.mode} aria-pressed={isNote} onClick={() => write("note")}>
          {t("composer.note")}
        </UnstyledButton>
      </div>
      {!isFree && !isNote && <BlockedNote verdict={verdict} maySend={conversation.may_send} onTemplate={() => setPicking(true)} />}
      {verdict.verdict === "wait" && !isNote && <BlockedNote verdict={verdict} maySend={conversation.may_send} />}
      {/* A recording that was begun is not thrown away because the window closes meanwhile. */}
      {(isFree || isNote || isSpeaking) && (
        <>
          {draft.replyTo && !isNote && <ReplyBar message={draft.replyTo} onClose={() => change({ replyTo: null })} />}
          {isSpeaking && form && (
            <VoiceNote form={form} onCancel={quiet} onSend={sendVoice} />
          )}
          <Group gap={4} align="flex-end" wrap="nowrap" className={classes.line} display={isSpeaking ? "none" : undefined}>
            {!isNote && (
              <>
                <Tooltip label={t("attach.button")}>
                  <ActionIcon variant="subtle" color="gray" size={40} aria-label={t("attach.button")} onClick={() => picker.current?.click()}>
                    <Paperclip size={20} aria-hidden />
                  </ActionIcon>
                </Tooltip>
                <MoreMenu
                  onSend={(content) => {
                    send(content, { replyTo: draft.replyTo });
                    change({ replyTo: null });
                    onSent();
                  }}
                  onTemplate={() => setPicking(true)}
                  onCanned={canned.open}
                />
              </>
            )}
            <WriteField
              field={field}
              text={draft.text}
              isNote={isNote}
              name={conversation.contact.display_name}
              error={tooLong ? t("composer.tooLong", { count: draft.text.length - LONGEST }) : undefined}
              onChange={(text) => {
                change({ text });
                if (text.trim() === "") return;
                onTyping();
                if (!isNote) typing();
              }}
              onSend={submit}
              onEscape={() => (draft.replyTo ? change({ replyTo: null }) : field.current?.blur())}
              onPaste={onPaste}
              onManage={canned.open}
            />
            <EmojiMenu onChoose={insert} />
            {form && !isNote && draft.text === "" ? (
              <Tooltip label={t("record.title")}>
                <ActionIcon size={40} radius="xl" variant="light" aria-label={t("record.title")} onClick={speaking.open}>
                  <Mic size={20} aria-hidden />
                </ActionIcon>
              </Tooltip>
            ) : (
              <Tooltip label={t(isNote ? "note.save" : "composer.send")}>
                <ActionIcon
                  size={40}
                  radius="xl"
                  aria-label={t(isNote ? "note.save" : "composer.send")}
                  onClick={() => {
                    submit();
                    // The button may make room for another.
                    field.current?.focus();
                  }}
                  loading={leaveNote.isPending}
                  disabled={draft.text.trim() === "" || tooLong}
                >
                  <SendHorizontal size={20} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={t("attach.button")}
            onChange={(event) => {
              const chosen = [...(event.currentTarget.files ?? [])];
              setFiles((had) => [...had, ...chosen]);
              event.currentTarget.value = "";
            }}
          />
        </>
      )}
      <CannedModal isOpen={hasCanned} onClose={canned.close} />
      <AttachModal
        files={files}
        caption={isNote ? "" : draft.text}
        onClose={() => setFiles([])}
        onMore={() => picker.current?.click()}
        onSend={(messages, usedCaption) => {
          for (const { content, attached } of messages) send(content, { attached, replyTo: draft.replyTo });
          setFiles([]);
          change({ replyTo: null, ...(usedCaption && !isNote ? { text: "" } : {}) });
          onSent();
        }}
      />
      <TemplateModal
        isOpen={isPicking}
        conversation={conversation}
        onClose={() => setPicking(false)}
        onSend={(content) => {
          send(content);
          setPicking(false);
          onSent();
        }}
      />
    </div>
  );
}
