/** Recording a voice note in the place of the field: how long and how loud it is; then listening to it, sending it or not. */
import { ActionIcon, Button, Group, Loader, Text, Tooltip } from "@mantine/core";
import { CircleStop, MicOff, SendHorizontal, Trash2 } from "lucide-react";
import { useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "../../keys/useKeys";
import { clock } from "../../thread/clock";
import { useObjectUrl } from "../../thread/PendingBubble";
import { VoicePlayer } from "../../thread/VoicePlayer";
import type { Form } from "./format";
import { useRecording } from "./useRecording";
import classes from "./VoiceNote.module.css";

interface VoiceNoteProps {
  form: Form;
  onCancel: () => void;
  onSend: (file: File) => void;
}

export function VoiceNote({ form, onCancel, onSend }: VoiceNoteProps) {
  const { t } = useTranslation("inbox");
  const { stage, seconds, level, stop } = useRecording(form);
  const url = useObjectUrl(stage.is === "ready" ? stage.file : null);
  const deed = useRef<HTMLButtonElement>(null);
  const discard = useRef<HTMLButtonElement>(null);
  // Whoever works by keyboard stands on what comes next, from the moment it is there: end it, then send it.
  useLayoutEffect(() => (deed.current ?? discard.current)?.focus(), [stage.is]);
  // Wherever the focus went: Escape means the recording before it means the conversation.
  useKeys({ Escape: onCancel }, { first: true });

  if (stage.is === "refused") {
    return (
      <Group className={classes.bar} gap="sm" role="alert">
        <MicOff size={18} aria-hidden className={classes.icon} />
        <Text size="sm" className={classes.words}>
          {t(`record.${stage.why}`)}
        </Text>
        <Button ref={deed} size="compact-sm" variant="default" onClick={onCancel}>
          {t("close")}
        </Button>
      </Group>
    );
  }
  return (
    <Group
      className={classes.bar}
      gap="xs"
      wrap="nowrap"
      role="group"
      aria-label={t("record.title")}
    >
      <Tooltip label={t("record.cancel")}>
        <ActionIcon ref={discard} variant="subtle" color="gray" size={40} aria-label={t("record.cancel")} onClick={onCancel}>
          <Trash2 size={20} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <div role="status" className="visually-hidden">
        {t(`record.stage.${stage.is}`)}
      </div>
      {stage.is === "ready" && url ? (
        <>
          <div className={classes.words}>
            <VoicePlayer url={url} isVoice />
            {stage.wasFull && <Text size="xs">{t("record.full")}</Text>}
          </div>
          <Tooltip label={t("record.send")}>
            <ActionIcon ref={deed} size={40} radius="xl" aria-label={t("record.send")} onClick={() => onSend(stage.file)}>
              <SendHorizontal size={20} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      ) : stage.is === "recording" ? (
        <>
          <span className={classes.dot} aria-hidden />
          <Text size="sm" className={classes.time}>
            {clock(seconds)}
          </Text>
          <meter className={classes.level} min={0} max={1} value={level} aria-label={t("record.level")} />
          <Tooltip label={t("record.stop")}>
            <ActionIcon ref={deed} size={40} radius="xl" aria-label={t("record.stop")} onClick={stop}>
              <CircleStop size={20} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      ) : (
        <Group gap="xs" className={classes.words}>
          <Loader size="xs" aria-hidden />
          <Text size="sm">{t(`record.stage.${stage.is}`)}</Text>
        </Group>
      )}
    </Group>
  );
}
