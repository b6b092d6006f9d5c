/** All that may be done with a message. */
import { Group, Menu } from "@mantine/core";
import { useClipboard, useDisclosure } from "@mantine/hooks";
import { BookOpen, Copy, Forward, Info, Minus, Plus, Reply } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { tellDone } from "@/ui/Problem";
import { EMOJI as ALL_EMOJI } from "../composer/emoji";
import classes from "./Bubble.module.css";
import { useThread } from "./context";
import { isForwardable } from "./forwarding";
import type { Message } from "./stretch";

/** The reactions at hand, WhatsApp's own six. */
const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/** Others that fit what customers write. */
const MORE_EMOJI = ALL_EMOJI.filter((emoji) => !EMOJI.includes(emoji));

interface MessageActionsProps {
  message: Message;
  /** How the business reacted to it. */
  reaction: string | undefined;
}

export function MessageActions({ message, reaction }: MessageActionsProps) {
  const { t } = useTranslation("inbox");
  const { conversation, react, reply, forward, showSources, showInfo } = useThread();
  const [hasAll, all] = useDisclosure();
  const clipboard = useClipboard();
  const may = useMay()("inbox.write");
  // What WhatsApp does not know cannot be answered or reacted to.
  const canAnswer = may && Boolean(message.wamid) && message.kind !== "reaction" && message.kind !== "system";
  const copy = () => {
    clipboard.copy(message.body);
    tellDone(t("message.copied"));
  };
  const item = (emoji: string) => (
    <Menu.Item
      key={emoji}
      className={classes.react}
      data-chosen={emoji === reaction || undefined}
      w="auto"
      p={6}
      onClick={() => react(message, emoji)}
      aria-label={t("reaction.with", { emoji })}
    >
      {emoji}
    </Menu.Item>
  );
  return (
    <>
      {canAnswer && (
        <>
          <Group gap={0} justify="space-between" p={4} role="group" aria-label={t("reaction.choose", { name: conversation.contact.display_name })}>
            {EMOJI.map(item)}
            <Menu.Item className={classes.react} w="auto" p={6} closeMenuOnClick={false} onClick={all.toggle} aria-label={t("reaction.more")} aria-expanded={hasAll}>
              {hasAll ? <Minus size={18} aria-hidden /> : <Plus size={18} aria-hidden />}
            </Menu.Item>
          </Group>
          {hasAll && (
            <div role="group" aria-label={t("reaction.more")} className={classes.allReactions}>
              {MORE_EMOJI.map(item)}
            </div>
          )}
          {reaction && <Menu.Item onClick={() => react(message, "")}>{t("reaction.remove")}</Menu.Item>}
          <Menu.Divider />
          <Menu.Item leftSection={<Reply size={15} aria-hidden />} onClick={() => reply(message)}>
            {t("message.reply")}
          </Menu.Item>
        </>
      )}
      {may && isForwardable(message) && (
        <Menu.Item leftSection={<Forward size={15} aria-hidden />} onClick={() => forward(message)}>
          {t("message.forward")}
        </Menu.Item>
      )}
      {message.body && (
        <Menu.Item leftSection={<Copy size={15} aria-hidden />} onClick={copy}>
          {t("message.copy")}
        </Menu.Item>
      )}
      {message.author === "ai" && (
        <Menu.Item leftSection={<BookOpen size={15} aria-hidden />} onClick={() => showSources(message)}>
          {t("sources.title")}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<Info size={15} aria-hidden />} onClick={() => showInfo(message)}>
        {t("message.info")}
      </Menu.Item>
    </>
  );
}
