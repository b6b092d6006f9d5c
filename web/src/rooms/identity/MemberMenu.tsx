/** What can be done about a member. */
import { ActionIcon, Menu, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Ellipsis, ShieldCheck, UserMinus } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Confirm } from "@/ui/ConfirmButton";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert } from "@/ui/Problem";
import { grantable, RolePicker } from "./RolePicker";

interface MemberMenuProps {
  member: Schemas["Member"];
  /** Whether it is oneself. */
  own: boolean;
  anew: () => Promise<void>;
}

export function MemberMenu({ member, own, anew }: MemberMenuProps) {
  const { t } = useTranslation("identity");
  const org = useOrg();
  const { role } = useMembership();
  const navigate = useNavigate();
  const mayChange = useMay()("members.write") && grantable(role).includes(member.role);
  const [changing, changeDialog] = useDisclosure();
  const [removing, removeDialog] = useDisclosure();
  if (!mayChange && !own) return null;
  const remove = async () => {
    await answer(api.DELETE("/api/v1/orgs/{org}/members/{member}", { params: { path: { org, member: member.id } } }));
    if (own) await navigate({ to: "/" });
    await anew();
  };
  const { name } = member;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("members.menu", { name })}>
            <Ellipsis size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayChange && (
            <Menu.Item leftSection={<ShieldCheck size={16} aria-hidden />} onClick={changeDialog.open}>
              {t("members.change")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<UserMinus size={16} aria-hidden />} onClick={removeDialog.open}>
            {t(own ? "members.leave" : "members.remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={changing}
        onClose={changeDialog.close}
        title={t("members.changeTitle", { name })}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        <ChangeRole member={member} onDone={changeDialog.close} anew={anew} />
      </Modal>
      <Confirm
        opened={removing}
        onClose={removeDialog.close}
        danger
        title={t(own ? "members.leaveTitle" : "members.removeTitle", { name })}
        effect={t(own ? "members.leaveEffect" : "members.removeEffect", { name })}
        confirm={t(own ? "members.leave" : "members.remove")}
        onConfirm={remove}
      />
    </>
  );
}

function ChangeRole({ member, onDone, anew }: { member: Schemas["Member"]; onDone: () => void; anew: () => Promise<void> }) {
  const org = useOrg();
  const [role, setRole] = useState(member.role);
  const change = useMutation({
    mutationFn: () =>
      answer(
        api.PATCH("/api/v1/orgs/{org}/members/{member}", { params: { path: { org, member: member.id } }, body: { role } }),
      ),
    onSuccess: async () => {
      await anew();
      onDone();
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <ProblemAlert error={change.error} />
        <RolePicker value={role} onChange={setRole} />
        <FormActions pending={change.isPending} disabled={role === member.role} onCancel={onDone} />
      </Stack>
    </form>
  );
}
