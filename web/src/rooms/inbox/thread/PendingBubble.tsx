/** A message that is on its way to the server, waits for a connection, or was not taken. */
import { Button, Group, Progress, Text } from "@mantine/core";
import { Clock, CloudOff, PenLine, RotateCw, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguageName } from "@/i18n/languageName";
import type { Pending } from "../composer/outbox";
import { useOutbox } from "../composer/sending";
import { Time } from "@/ui/Time";
import classes from "./Bubble.module.css";
import { useThread } from "./context";
import { Formatted } from "./Formatted";
import { Quote } from "./Quote";

/** What of a content can be shown as text. */
function textOf(content: Pending["content"]): string {
  if ("body" in content) return content.body;
  if ("caption" in content && content.caption) return content.caption;
  return "";
}

export function PendingBubble({ pending, isFirst }: { pending: Pending; isFirst: boolean }) {
  const { t } = useTranslation("inbox");
  const languageName = useLanguageName();
  const { edit } = useThread();
  const outbox = useOutbox();
  const { content, state, ref } = pending;
  const text = textOf(content);
  return (
    <div className={classes.row} data-side="outbound" data-first={isFirst || undefined}>
      <article className={classes.bubble} data-side="outbound" data-author="member" aria-label={t("message.by", { name: t("author.you") })}>
        {pending.replyTo && <Quote message={pending.replyTo} />}
        {"file" in content && <FilePreview pending={pending} />}
        {content.type === "template" ? <Text size="sm">{t("template.named", { name: content.name, language: languageName(content.language) })}</Text> : null}
        {text ? <Formatted text={text} /> : null}
        {!text && content.type !== "template" && !("file" in content) && <Text size="sm">{t(`content.${content.type}`)}</Text>}
        {pending.progress !== undefined && (
          <Progress className={classes.progress} value={pending.progress * 100} aria-label={t("file.uploading")} size="sm" />
        )}
        <div className={classes.foot}>
          {state === "waiting" && (
            <>
              <CloudOff size={13} aria-hidden /> {t("pending.waiting")}
            </>
          )}
          <Time at={pending.at} format="short" />
          {state !== "failed" && <Clock size={14} aria-label={t("ticks.waiting")} />}
        </div>
        {state === "failed" && (
          <div className={classes.trouble} role="alert">
            <Text size="xs" className={classes.troubleText}>
              {pending.problem ?? t("pending.old")}
            </Text>
            <Group gap={6} mt={4}>
              <Button size="compact-xs" variant="default" leftSection={<RotateCw size={12} aria-hidden />} onClick={() => outbox.retry(ref)}>
                {t("trouble.retry")}
              </Button>
              {content.type === "text" && (
                <Button
                  size="compact-xs"
                  variant="default"
                  leftSection={<PenLine size={12} aria-hidden />}
                  onClick={() => {
                    outbox.remove(ref);
                    edit(content.body);
                  }}
                >
                  {t("pending.edit")}
                </Button>
              )}
              <Button size="compact-xs" variant="default" leftSection={<Trash2 size={12} aria-hidden />} onClick={() => outbox.remove(ref)}>
                {t("pending.remove")}
              </Button>
            </Group>
          </div>
        )}
      </article>
    </div>
  );
}

function FilePreview({ pending }: { pending: Pending }) {
  const { t } = useTranslation("inbox");
  const outbox = useOutbox();
  const attached = outbox.attached(pending.ref);
  const url = useObjectUrl(attached?.kind === "image" ? attached.file : null);
  if (url) return <img src={url} alt={attached?.file.name ?? ""} className={classes.preview} />;
  return <Text size="sm">{attached?.file.name ?? t(`content.${pending.content.type}`)}</Text>;
}

/** An address for a file of this tab, as long as it is shown. */
export function useObjectUrl(file: File | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(file);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the address is made and withdrawn with the effect
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [file]);
  return url;
}
