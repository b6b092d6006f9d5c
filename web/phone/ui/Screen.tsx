/** A screen of the phone: its bar, and what is under it. */
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";
import classes from "./Screen.module.css";

export function Screen({ bar, children }: { bar: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.screen}>
      {bar}
      <div className={classes.body}>{children}</div>
    </div>
  );
}

interface BarProps {
  title: ReactNode;
  /** The page has no other main heading. */
  main?: boolean;
  onBack?: (() => void) | undefined;
  children?: ReactNode;
}

export function Bar({ title, main, onBack, children }: BarProps) {
  const { t } = useTranslation("phone");
  const Heading = main ? "h1" : "h2";
  return (
    <header className={classes.bar}>
      {onBack && <IconButton icon={ArrowLeft} turns label={t("back")} onClick={onBack} />}
      {typeof title === "string" ? <Heading className={classes.title}>{title}</Heading> : title}
      {children}
    </header>
  );
}
