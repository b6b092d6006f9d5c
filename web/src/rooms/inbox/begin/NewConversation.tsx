/** Writing first: with whom, from which number, and what may be said. */
import { Modal } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FirstMessage } from "./FirstMessage";
import { WithWhom } from "./WithWhom";

export function NewConversation({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const { org = "" } = useParams({ strict: false });
  const navigate = useNavigate();
  const [conversation, setConversation] = useState<string | null>(null);
  const go = (to: string) => {
    onClose();
    void navigate({ to: "/o/$org/inbox/$conversation", params: { org, conversation: to }, resetScroll: false });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t("begin.title")} closeButtonProps={{ "aria-label": t("close") }}>
      {conversation ? <FirstMessage conversation={conversation} onGo={() => go(conversation)} /> : <WithWhom onBegun={setConversation} />}
    </Modal>
  );
}
