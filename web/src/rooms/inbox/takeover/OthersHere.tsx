/** Warns that somebody else looks at the conversation or answers it already. */
import { Eye, PenLine } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "../composer/Composer.module.css";
import { useMembers } from "../queries";
import type { Other } from "./usePresence";

export function OthersHere({ others }: { others: readonly Other[] }) {
  const { t, i18n } = useTranslation("inbox");
  const members = useMembers();
  const names = (doing: Other["doing"]) =>
    new Intl.ListFormat(i18n.language).format(
      others.filter((one) => one.doing === doing).map((one) => members.get(one.member)?.name ?? t("author.former")),
    );
  const [typing, viewing] = [names("typing"), names("viewing")];
  return (
    <div role="status">
      {typing && (
        <div className={classes.others}>
          <PenLine size={14} aria-hidden /> {t("presence.typing", { names: typing })}
        </div>
      )}
      {!typing && viewing && (
        <div className={classes.others}>
          <Eye size={14} aria-hidden /> {t("presence.viewing", { names: viewing })}
        </div>
      )}
    </div>
  );
}
