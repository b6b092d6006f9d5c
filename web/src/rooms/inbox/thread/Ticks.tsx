/** How far a message has come: a clock, one tick, two, two in blue, or a warning. */
import { Check, CheckCheck, CircleAlert, Clock, Hourglass, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./Ticks.module.css";
import type { Message } from "./stretch";

type Step = "waiting" | "asked" | "sent" | "delivered" | "read" | "failed" | "unresolved";

const STEPS: Readonly<Record<Message["state"], Step | null>> = {
  received: null,
  queued: "waiting",
  awaiting_opt_in: "asked",
  unknown: "waiting",
  accepted: "sent",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
  refused: "failed",
  unresolved: "unresolved",
};

const ICONS: Readonly<Record<Step, LucideIcon>> = {
  waiting: Clock,
  asked: Hourglass,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
  unresolved: CircleAlert,
};

export function Ticks({ state, size = 15 }: { state: Message["state"]; size?: number }) {
  const { t } = useTranslation("inbox");
  const step = STEPS[state];
  if (!step) return null;
  const Icon = ICONS[step];
  return (
    <span className={classes.ticks} data-step={step} title={t(`ticks.${step}`)}>
      <Icon size={size} aria-hidden />
      <span className="visually-hidden">{t(`ticks.${step}`)}</span>
    </span>
  );
}
