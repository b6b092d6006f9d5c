/** All that may be done with a conversation. */
import { Menu } from "@mantine/core";
import { Bot, BotOff, CircleCheck, CircleDot, Keyboard, RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import type { Conversation } from "../places";
import { useChange } from "../takeover/changes";
import { SnoozeItems } from "../takeover/SnoozeItems";

interface ConversationActionsProps {
  conversation: Conversation;
  onMarkUnread: () => void;
  /** Asks for a moment of one's own. */
  onSnooze: () => void;
  onKeys: () => void;
}

export function ConversationActions({ conversation, onMarkUnread, onSnooze, onKeys }: ConversationActionsProps) {
  const { t } = useTranslation("inbox");
  const canWrite = useMay()("inbox.write");
  const change = useChange(conversation);
  const { status, ai } = conversation;
  const isOpen = status === "open";
  const closeOrReopen = () => change.mutate({ what: isOpen ? "close" : "reopen" });
  return (
    <>
      {canWrite && (
        <>
          <Menu.Item leftSection={isOpen ? <CircleCheck size={15} aria-hidden /> : <RotateCcw size={15} aria-hidden />} onClick={closeOrReopen}>
            {t(isOpen ? "closeConversation" : "reopen")}
          </Menu.Item>
          <Menu.Item leftSection={<CircleDot size={15} aria-hidden />} onClick={onMarkUnread}>
            {t("markUnread")}
          </Menu.Item>
          {ai.state === "on" ? (
            <Menu.Item leftSection={<BotOff size={15} aria-hidden />} onClick={() => change.mutate({ what: "ai", on: false })}>
              {t("ai.off")}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<Bot size={15} aria-hidden />} onClick={() => change.mutate({ what: "ai", on: true })}>
              {t("ai.on")}
            </Menu.Item>
          )}
        </>
      )}
      {canWrite && isOpen && (
        <>
          <Menu.Divider />
          <SnoozeItems
            isSnoozed={Boolean(conversation.snoozed_until)}
            onSnooze={(until) => change.mutate({ what: "snooze", until })}
            onChoose={onSnooze}
          />
          <Menu.Divider />
        </>
      )}
      <Menu.Item leftSection={<Keyboard size={15} aria-hidden />} onClick={onKeys} rightSection={<kbd>?</kbd>}>
        {t("keys.title")}
      </Menu.Item>
    </>
  );
}
