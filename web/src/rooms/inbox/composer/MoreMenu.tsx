/** What else may be sent: a place, a card, buttons, a list, a link, a template. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { ExternalLink, LayoutTemplate, List, MapPin, MapPinned, Plus, RectangleEllipsis, UserRound, Zap, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MoreModal } from "../parts";
import type { MoreKind } from "./MoreForms";
import type { Content } from "./outbox";

const KINDS: readonly [MoreKind, LucideIcon][] = [
  ["location", MapPin],
  ["contacts", UserRound],
  ["buttons", RectangleEllipsis],
  ["list", List],
  ["call_to_action", ExternalLink],
  ["request_location", MapPinned],
];

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
          <Menu.Item leftSection={<LayoutTemplate size={16} aria-hidden />} onClick={onTemplate}>
            {t("content.template")}
          </Menu.Item>
          {KINDS.map(([one, Icon]) => (
            <Menu.Item key={one} leftSection={<Icon size={16} aria-hidden />} onClick={() => setKind(one)}>
              {t(`content.${one}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<Zap size={16} aria-hidden />} onClick={onCanned} rightSection={<kbd>/</kbd>}>
            {t("canned.title")}
          </Menu.Item>
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
