/** How long free-form messages may still be sent. Quiet, until it is time to hurry. */
import { Badge, Tooltip } from "@mantine/core";
import { Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useServerNow } from "@/api/time";
import { windowTime, windowWords } from "./windowTime";

const COLOURS = { never: "gray", closed: "gray", open: "sapa", ending: "orange" } as const;

export function WindowBadge({ closesAt }: { closesAt: number | null | undefined }) {
  const { t } = useTranslation("inbox");
  const now = useServerNow(20);
  const time = windowTime(closesAt, now);
  const { key, ...values } = windowWords(time);
  return (
    <Tooltip label={t("window.about")} multiline w={260}>
      <Badge
        variant="light"
        color={COLOURS[time.state]}
        autoContrast
        tabIndex={0}
        leftSection={<Clock size={12} aria-hidden />}
        fw={500}
        data-state={time.state}
      >
        {t(key, values)}
      </Badge>
    </Tooltip>
  );
}
