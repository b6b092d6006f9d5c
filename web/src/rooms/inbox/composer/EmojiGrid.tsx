/** A few emoji at hand; for all the others, the keys that open the device's own picker. */
import { Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Composer.module.css";
import { EMOJI } from "./emoji";

export function EmojiGrid({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { t } = useTranslation("inbox");
  const isMac = /mac/i.test(navigator.userAgent);
  return (
    <>
      <div className={classes.emoji}>
        {EMOJI.map((emoji) => (
          <UnstyledButton
            key={emoji}
            onClick={() => onChoose(emoji)}
          >
            {emoji}
          </UnstyledButton>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="xs">
        {t(isMac ? "emoji.mac" : "emoji.windows")}
      </Text>
    </>
  );
}
