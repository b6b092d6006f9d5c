/** All that may be sent besides words and files. */
import { Menu } from "@mantine/core";
import { ExternalLink, LayoutTemplate, List, MapPin, MapPinned, RectangleEllipsis, UserRound, Zap, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { MoreKind } from "./MoreForms";

const KINDS: readonly [MoreKind, LucideIcon][] = [
  ["location", MapPin],
  ["contacts", UserRound],
  ["buttons", RectangleEllipsis],
  ["list", List],
  ["call_to_action", ExternalLink],
  ["request_location", MapPinned],
];

interface MoreItemsProps {
  onKind: (kind: MoreKind) => void;
  onTemplate: () => void;
  /** Opens the canned replies. */
  onCanned: () => void;
}

export function MoreItems({ onKind, onTemplate, onCanned }: MoreItemsProps) {
  const { t } = useTranslation("inbox");
  return (
    <>
      <Menu.Item leftSection={<LayoutTemplate size={16} aria-hidden />} onClick={onTemplate}>
        {t("content.template")}
      </Menu.Item>
      {KINDS.map(([one, Icon]) => (
        <Menu.Item key={one} leftSection={<Icon size={16} aria-hidden />} onClick={() => onKind(one)}>
          {t(`content.${one}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<Zap size={16} aria-hidden />} onClick={onCanned} rightSection={<kbd>/</kbd>}>
        {t("canned.title")}
      </Menu.Item>
    </>
  );
}
