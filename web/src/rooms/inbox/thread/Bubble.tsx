/** A message of a thread: who wrote it, what it answers, what it says, reactions, time and ticks. */
import { Group, Text, UnstyledButton } from "@mantine/core";
import { Ban, BookOpen, CircleHelp, Forward } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "@/ui/Time";
import classes from "./Bubble.module.css";
import { isForwarded, usedSources } from "./content";
import { MessageBody } from "./MessageBody";
import { MessageMenu } from "./MessageMenu";
import { Quote } from "./Quote";
import { Ticks } from "./Ticks";
import type { Row } from "./timeline";
import { TroubleNote } from "./TroubleNote";
import { useAuthor } from "./useAuthor";
import { useThread } from "./context";

type MessageRow = Extract<Row, { type: "message" }>;

export const Bubble = memo(function Bubble({ row }: { row: MessageRow }) {
  const { t } = useTranslation("inbox");
  const { words, found, showSources } = useThread();
  const { message, edit, isRevoked, reactions, isFirst } = row;
  const author = useAuthor(message);
  const shown = edit ?? message;
  const sources = usedSources(message.answer);
  return (
    <div className={classes.row} data-side={message.direction} data-first={isFirst || undefined}>
      <article
        className={classes.bubble}
        data-side={message.direction}
        data-author={message.author}
        data-found={found === message.id || undefined}
        aria-label={t("message.by", { name: author })}
      >
        {isFirst && message.direction === "outbound" && <p className={classes.author}>{author}</p>}
        {isForwarded(message) && (
          <p className={classes.meta}>
            <Forward size={12} aria-hidden /> {t("message.forwarded")}
          </p>
        )}
        {message.reply_to && message.kind !== "reaction" && <Quote message={message.reply_to} />}
        {isRevoked ? (
          <Group gap={6} className={classes.remark}>
            <Ban size={16} aria-hidden />
            <Text size="sm" fs="italic">
              {t("message.revoked")}
            </Text>
          </Group>
        ) : (
          <MessageBody message={shown} words={words} />
        )}
        <div className={classes.foot}>
          {message.author === "ai" && (message.answer?.passages.length ?? 0) > 0 && (
            <UnstyledButton className={classes.sources} onClick={() => showSources(message)}>
              {sources > 0 ? <BookOpen size={13} aria-hidden /> : <CircleHelp size={13} aria-hidden />}
              {sources > 0 ? t("sources.open", { count: sources }) : t("sources.why")}
            </UnstyledButton>
          )}
          {edit && <span>{t("message.edited")}</span>}
          <Time at={message.at} format="short" />
          {message.direction === "outbound" && <Ticks state={message.state} />}
        </div>
        <TroubleNote message={message} />
        {!isRevoked && <MessageMenu message={shown} reaction={reactions.find((one) => one.direction === "outbound")?.emoji} />}
      </article>
      {reactions.length > 0 && (
        <ul className={classes.reactions} aria-label={t("reaction.title")}>
          {reactions.map(({ emoji, direction }) => (
            <li key={direction} title={t(`reaction.${direction}`)}>
              {emoji}
              <span className="visually-hidden">{t(`reaction.${direction}`)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
});
