/** How a template stands with Meta. */
import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { known, STATE_COLOURS, STATES } from "./words";

export function StateBadge({ status }: { status: string }) {
  const { t } = useTranslation("templates");
  const state = known(STATES, status);
  return (
    <Badge variant="light" color={(state && STATE_COLOURS[state]) ?? "gray"} autoContrast>
      {state ? t(`state.${state}`) : status}
    </Badge>
  );
}
