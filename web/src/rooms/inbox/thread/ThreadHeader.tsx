/** Above a thread: with whom, how long it may be written freely, and what may be done with it. */
import { ActionIcon, Group, Menu, Text, Title, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, CircleCheck, EllipsisVertical, PanelRight, RotateCcw } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { Face } from "@/ui/Face";
import { FocusBack } from "@/ui/FocusBack";
import { ConversationActions, SnoozeModal } from "../parts";
import type { Conversation } from "../places";
import { numbersQuery } from "../queries";
import { AssignMenu } from "../takeover/AssignMenu";
import { useChange } from "../takeover/changes";
import { WindowBadge } from "../WindowBadge";
import classes from "./Thread.module.css";

interface ThreadHeaderProps {
  conversation: Conversation;
  onBack: () => void;
  onDetails: () => void;
  hasDetails: boolean;
  onKeys: () => void;
  onMarkUnread: () => void;
  /** Whether the menu of all that may be done is open, which a key opens too. */
  isMenuOpen: boolean;
  onMenu: (isOpen: boolean) => void;
}

export function ThreadHeader({ conversation, onBack, onDetails, hasDetails, onKeys, onMarkUnread, isMenuOpen, onMenu }: ThreadHeaderProps) {
  const { t } = useTranslation("inbox");
  const may = useMay();
  const change = useChange(conversation);
  const { contact, status } = conversation;
  const { data: numbers = [] } = useQuery({ ...numbersQuery(useOrg()), enabled: may("connections.read") });
  const number = numbers.length > 1 ? numbers.find((one) => one.id === conversation.number_id) : undefined;
  const canWrite = may("inbox.write");
  const isOpen = status === "open";
  const menu = useRef<HTMLButtonElement>(null);
  const [isChoosing, moment] = useDisclosure();
  return (
    <Group className={classes.header} wrap="nowrap" gap="sm">
      <ActionIcon variant="subtle" color="gray" size="lg" className={classes.back} onClick={onBack} aria-label={t("thread.back")}>
        <ArrowLeft size={20} aria-hidden />
      </ActionIcon>
      <Face name={contact.display_name} size={38} />
      <div className={classes.who}>
        <Title order={2} size="h5" className={classes.name}>
          {contact.display_name}
        </Title>
        <Group gap={6} wrap="nowrap">
          <WindowBadge closesAt={conversation.window_closes_at} />
          {number && (
            <Text size="xs" c="dimmed" truncate className={classes.roomy}>
              {t("thread.via", { number: number.verified_name ?? number.display })}
            </Text>
          )}
        </Group>
      </div>
      <Group gap={2} wrap="nowrap" className={classes.actions}>
        <AssignMenu conversation={conversation} />
        <Tooltip label={t(isOpen ? "closeConversation" : "reopen")}>
          <ActionIcon
            className={classes.roomy}
            variant="subtle"
            color="gray"
            size="lg"
            disabled={!canWrite}
            aria-label={t(isOpen ? "closeConversation" : "reopen")}
            onClick={() => change.mutate({ what: isOpen ? "close" : "reopen" })}
          >
            {isOpen ? <CircleCheck size={18} aria-hidden /> : <RotateCcw size={18} aria-hidden />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("details.title")}>
          <ActionIcon variant={hasDetails ? "light" : "subtle"} color="gray" size="lg" aria-label={t("details.title")} aria-expanded={hasDetails} onClick={onDetails}>
            <PanelRight size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={250} shadow="md" opened={isMenuOpen} onChange={onMenu}>
          <Menu.Target>
            <ActionIcon ref={menu} variant="subtle" color="gray" size="lg" aria-label={t("thread.more")}>
              <EllipsisVertical size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <ConversationActions conversation={conversation} onMarkUnread={onMarkUnread} onSnooze={moment.open} onKeys={onKeys} />
          </Menu.Dropdown>
        </Menu>
        {isChoosing && (
          <FocusBack origin={menu}>
            <SnoozeModal
              onClose={moment.close}
              onSnooze={(until) => {
                moment.close();
                change.mutate({ what: "snooze", until });
              }}
            />
          </FocusBack>
        )}
      </Group>
    </Group>
  );
}
