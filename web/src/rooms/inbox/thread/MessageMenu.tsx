/** What may be done with a message. */
import { ActionIcon, Group, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { BookOpen, ChevronDown, Copy, Forward, Info, Reply } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { tellDone } from "@/ui/Problem";
import classes from "./Bubble.module.css";
import { useThread } from "./context";
import { isForwardable } from "./forwarding";
import type { Message } from "./stretch";

/** The reactions at hand, WhatsApp's own six. */
const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

export function MessageMenu({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const { conversation, react, reply, forward, showSources, showInfo } = useThread();
  const clipboard = useClipboard();
  const may = useMay()("inbox.write");
  // What WhatsApp does not know cannot be answered or reacted to.
  const canAnswer = may && Boolean(message.wamid) && message.kind !== "reaction" && message.kind !== "system";
  const copy = () => {
    clipboard.copy(message.body);
    tellDone(t("message.copied"));
  };
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <ActionIcon className={classes.menu} variant="subtle" color="gray" size={24} aria-label={t("message.menu")}>
          <ChevronDown size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {canAnswer && (
          <>
            <Group gap={0} justify="space-between" p={4} role="group" aria-label={t("reaction.choose", { name: conversation.contact.display_name })}>
              {EMOJI.map((emoji) => (
                <Menu.Item key={emoji} className={classes.react} w="auto" p={6} onClick={() => react(message, emoji)} aria-label={t("reaction.with", { emoji })}>
                  {emoji}
                </Menu.Item>
              ))}
            </Group>
            <Menu.Item onClick={() => react(message, "")}>{t("reaction.remove")}</Menu.Item>
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
      </Menu.Dropdown>
    </Menu>
  );
}
