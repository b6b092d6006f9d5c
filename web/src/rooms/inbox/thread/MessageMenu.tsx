/** Opens what may be done with a message. */
import { ActionIcon, Menu } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MessageActions } from "../parts";
import classes from "./Bubble.module.css";
import type { Message } from "./stretch";

interface MessageMenuProps {
  message: Message;
  /** How the business reacted to it. */
  reaction: string | undefined;
}

export function MessageMenu(props: MessageMenuProps) {
  const { t } = useTranslation("inbox");
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <ActionIcon className={classes.menu} variant="subtle" color="gray" size={24} aria-label={t("message.menu")}>
          <ChevronDown size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <MessageActions {...props} />
      </Menu.Dropdown>
    </Menu>
  );
}
