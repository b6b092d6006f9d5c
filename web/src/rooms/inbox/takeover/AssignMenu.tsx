/** Who takes care of a conversation. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, UserPlus, UserX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { membersQuery } from "@/app/members";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Face } from "@/ui/Face";
import type { Conversation } from "../places";
import { useChange } from "./changes";

export function AssignMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const { member_id: me } = useMembership();
  const may = useMay();
  const { data: members = [] } = useQuery({ ...membersQuery(useOrg()), enabled: may("members.read") });
  const change = useChange(conversation);
  const { assignee_id: assignee } = conversation;
  const current = members.find((member) => member.id === assignee);
  const label = current ? t("assign.to", { name: current.name }) : t("assign.title");
  const check = <Check size={14} aria-hidden />;
  const others = members.filter((member) => member.id !== me && member.role !== "viewer");
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
      </Menu.Dropdown>
    </Menu>
  );
}
