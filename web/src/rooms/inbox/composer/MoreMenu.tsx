/** What else may be sent: a place, a card, buttons, a list, a link, a template. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MoreItems, MoreModal } from "../parts";
import type { MoreKind } from "./MoreForms";
import type { Content } from "./outbox";

interface MoreMenuProps {
  onSend: (content: Content) => void;
  onTemplate: () => void;
  /** Opens the canned replies. */
  onCanned: () => void;
}

export function MoreMenu({ onSend, onTemplate, onCanned }: MoreMenuProps) {
  const { t } = useTranslation("inbox");
  const [kind, setKind] = useState<MoreKind | null>(null);
  return (
    <>
      <Menu position="top-start" width={230} shadow="md">
        <Menu.Target>
          <Tooltip label={t("more.button")}>
            <ActionIcon variant="subtle" color="gray" size={40} aria-label={t("more.button")}>
              <Plus size={20} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <MoreItems onKind={setKind} onTemplate={onTemplate} onCanned={onCanned} />
        </Menu.Dropdown>
      </Menu>
      <MoreModal
        kind={kind}
        onClose={() => setKind(null)}
        onSend={(content) => {
          setKind(null);
          onSend(content);
        }}
      />
    </>
  );
}
