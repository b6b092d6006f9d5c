/** Opens the emoji. */
import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Smile } from "lucide-react";
import { useTranslation } from "react-i18next";
import { EmojiGrid } from "../parts";

export function EmojiMenu({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { t } = useTranslation("inbox");
  const [isOpen, { toggle, close }] = useDisclosure();
  return (
    <Popover opened={isOpen} onClose={close} position="top-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={t("emoji.button")}>
          <ActionIcon variant="subtle" color="gray" size={40} onClick={toggle} aria-label={t("emoji.button")} aria-expanded={isOpen}>
            <Smile size={20} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown maw={300} aria-label={t("emoji.button")}>
        <EmojiGrid
          onChoose={(emoji) => {
            close();
            onChoose(emoji);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
