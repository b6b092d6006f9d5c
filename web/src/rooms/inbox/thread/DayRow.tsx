/** What sets days apart, and what is new from what was seen. */
import { useTranslation } from "react-i18next";
import { useDay } from "../useWhen";
import classes from "./Messages.module.css";

export function DayRow({ at }: { at: number }) {
  const day = useDay();
  return (
    <div className={classes.day}>
      <span>{day(at)}</span>
    </div>
  );
}

export function UnreadRow({ count }: { count: number }) {
  const { t } = useTranslation("inbox");
  return (
    <div className={classes.day} data-unread>
      <span>{t("thread.unread", { count })}</span>
    </div>
  );
}
