/** Something worth knowing, set apart: its title and text are readable on every ground, its colour is never alone. */
import { Alert, Loader, type AlertProps } from "@mantine/core";
import { CircleAlert, CircleCheck, Clock, Info, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

/** What a notice is about. */
export type Tone = "info" | "good" | "wait" | "warn" | "bad" | "busy";

const MARKS: Record<Exclude<Tone, "busy">, LucideIcon> = {
  info: Info,
  good: CircleCheck,
  wait: Clock,
  warn: TriangleAlert,
  bad: CircleAlert,
};

interface NoticeProps extends Omit<AlertProps, "color" | "variant" | "icon" | "classNames"> {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
}

export function Notice({ tone = "info", ...more }: NoticeProps) {
  const Mark = tone === "busy" ? null : MARKS[tone];
  return (
    <Alert
      data-tone={tone}
      variant="default"
      icon={Mark ? <Mark size={18} aria-hidden /> : <Loader size={18} aria-hidden />}
      classNames={{ root: classes.notice, title: classes.title, icon: classes.icon, message: classes.message }}
      {...more}
    />
  );
}
