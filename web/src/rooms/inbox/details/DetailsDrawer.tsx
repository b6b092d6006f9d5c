/** The details of a conversation where they have no room beside the thread. */
import { Drawer } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Details } from "./Details";

interface DetailsDrawerProps {
  /** Whose details; `null` where no conversation is open. */
  conversation: string | null;
  isOpen: boolean;
  onClose: () => void;
}

export function DetailsDrawer({ conversation, isOpen, onClose }: DetailsDrawerProps) {
  const { t } = useTranslation("inbox");
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={380}
      padding={0}
      withCloseButton={false}
      attributes={{ content: { "aria-label": t("details.title") } }}
    >
      {conversation && <Details conversation={conversation} onClose={onClose} />}
    </Drawer>
  );
}
