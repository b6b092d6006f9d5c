/** Those who may take care of a conversation. */
import { Menu } from "@mantine/core";
import { Check, UserX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { Face } from "@/ui/Face";
import type { Conversation } from "../places";
import { useMembers } from "../queries";
import { useChange } from "./changes";

export function AssignItems({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const { member_id: me } = useMembership();
  const change = useChange(conversation);
  const { assignee_id: assignee } = conversation;
  const check = <Check size={14} aria-hidden />;
  const others = [...useMembers().values()].filter((member) => member.id !== me && member.role !== "viewer");
  return (
    <>
      <Menu.Label>{t("assign.title")}</Menu.Label>
      <Menu.Item rightSection={assignee === me ? check : null} onClick={() => change.mutate({ what: "assign", member: me })}>
        {t("assign.me")}
      </Menu.Item>
      {others.map((member) => (
        <Menu.Item
          key={member.id}
          leftSection={<Face name={member.name} size={22} />}
          rightSection={assignee === member.id ? check : null}
          onClick={() => change.mutate({ what: "assign", member: member.id })}
        >
          {member.name}
        </Menu.Item>
      ))}
      {assignee && (
        <>
          <Menu.Divider />
          <Menu.Item leftSection={<UserX size={14} aria-hidden />} onClick={() => change.mutate({ what: "assign", member: null })}>
            {t("assign.nobody")}
          </Menu.Item>
        </>
      )}
    </>
  );
}
