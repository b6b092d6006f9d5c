/** Who takes care of a conversation. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Face } from "@/ui/Face";
import { AssignItems } from "../parts";
import type { Conversation } from "../places";
import { useMembers } from "../queries";

export function AssignMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const may = useMay();
  const current = useMembers().get(conversation.assignee_id ?? "");
  const label = current ? t("assign.to", { name: current.name }) : t("assign.title");
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} disabled={!may("inbox.write")}>
            {current ? <Face name={current.name} size={26} /> : <UserPlus size={18} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <AssignItems conversation={conversation} />
      </Menu.Dropdown>
    </Menu>
  );
}
