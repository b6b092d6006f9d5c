/** What the operator decides about an organisation. */
import { ActionIcon, Menu, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { CirclePause, CirclePlay, Ellipsis, Link2, Trash2, Wallet } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { Confirm } from "@/ui/ConfirmButton";
import { ConnectLink } from "./ConnectLink";
import { DeleteOrganisation } from "./DeleteOrganisation";
import { organisationsQuery } from "./queries";

export function OrganisationMenu({ one }: { one: Schemas["Organisation"] }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const [stopping, stop] = useDisclosure();
  const [paying, pay] = useDisclosure();
  const [linking, link] = useDisclosure();
  const [deleting, remove] = useDisclosure();
  const { name } = one;
  const active = one.status === "active";
  const decide = async (body: Schemas["OrganisationDecision"]) => {
    await answer(api.PATCH("/api/v1/operator/orgs/{org}", { params: { path: { org: one.id } }, body }));
    await queries.invalidateQueries({ queryKey: organisationsQuery.queryKey });
  };
  const status = active ? "suspend" : "resume";
  const payer = one.operator_pays ? "payNot" : "pay";
  const Status = active ? CirclePause : CirclePlay;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("organisations.menu", { name })}>
            <Ellipsis size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Link2 size={16} aria-hidden />} onClick={link.open}>
            {t("link.open")}
          </Menu.Item>
          <Menu.Item leftSection={<Wallet size={16} aria-hidden />} onClick={pay.open}>
            {t(`decide.${payer}.open`)}
          </Menu.Item>
          <Menu.Item leftSection={<Status size={16} aria-hidden />} onClick={stop.open}>
            {t(`decide.${status}.open`)}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red.9" leftSection={<Trash2 size={16} aria-hidden />} onClick={remove.open}>
            {t("delete.open")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={stopping}
        onClose={stop.close}
        danger={active}
        title={t(`decide.${status}.title`, { name })}
        effect={t(`decide.${status}.effect`)}
        confirm={t(`decide.${status}.open`)}
        onConfirm={() => decide({ status: active ? "suspended" : "active" })}
      />
      <Confirm
        opened={paying}
        onClose={pay.close}
        title={t(`decide.${payer}.title`, { name })}
        effect={t(`decide.${payer}.effect`)}
        confirm={t(`decide.${payer}.open`)}
        onConfirm={() => decide({ operator_pays: !one.operator_pays })}
      />
      <Modal opened={linking} onClose={link.close} title={t("link.title", { name })} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <ConnectLink org={one.id} onDone={link.close} />
      </Modal>
      <Modal opened={deleting} onClose={remove.close} title={t("delete.title", { name })} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <DeleteOrganisation one={one} onDone={remove.close} />
      </Modal>
    </>
  );
}
