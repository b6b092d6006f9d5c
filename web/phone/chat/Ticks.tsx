/** How far a message of one's own came: a clock, two ticks, two blue ticks. Said in words too. */
import { CheckCheck, Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Status } from "../api/types";
import classes from "./Ticks.module.css";

export function Ticks({ status }: { status: Status }) {
  const { t } = useTranslation("phone");
  const waits = status === "accepted";
  const read = status === "read" || status === "played";
  const Icon = waits ? Clock : CheckCheck;
  const label = t(waits ? "ticks.waiting" : read ? "ticks.read" : "ticks.sent");
  return (
    <span role="img" aria-label={label} title={label} className={read ? classes.read : classes.ticks}>
      <Icon size={waits ? 13 : 16} aria-hidden />
    </span>
  );
}
