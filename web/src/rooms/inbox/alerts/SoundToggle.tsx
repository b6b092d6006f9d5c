/** Switches the tone at a hand-off off and on. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { Bell, BellOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { setAlerts, useAlertSettings } from "./settings";
import { playTone, wakeTone } from "./tone";

export function SoundToggle() {
  const { t } = useTranslation("inbox");
  const { isMuted } = useAlertSettings();
  const Icon = isMuted ? BellOff : Bell;
  return (
    <Tooltip label={t(isMuted ? "alert.soundOff" : "alert.soundOn")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t("alert.sound")}
        aria-pressed={!isMuted}
        onClick={() => {
          setAlerts({ isMuted: !isMuted });
          wakeTone();
          if (isMuted) playTone();
        }}
      >
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
