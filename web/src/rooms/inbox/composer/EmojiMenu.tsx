/** A few emoji at hand; for all the others, the keys that open the device's own picker. */
import { ActionIcon, Popover, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Smile } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./Composer.module.css";

const EMOJI = ["😊", "😀", "😂", "😍", "🙏", "👍", "👌", "👏", "❤️", "🎉", "✅", "⏳", "📦", "🚚", "📍", "📅", "☕", "💬", "📞", "💳", "🧾", "😢", "😮", "🤔"];

export function EmojiMenu({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { t } = useTranslation("inbox");
  const [isOpen, { toggle, close }] = useDisclosure();
  const isMac = /mac/i.test(navigator.userAgent);
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
        <div className={classes.emoji}>
          {EMOJI.map((emoji) => (
            <UnstyledButton
              key={emoji}
              onClick={() => {
                close();
                onChoose(emoji);
              }}
            >
              {emoji}
            </UnstyledButton>
          ))}
        </div>
        <Text size="xs" c="dimmed" mt="xs">
          {t(isMac ? "emoji.mac" : "emoji.windows")}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
