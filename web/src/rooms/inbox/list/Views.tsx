/** The views, each with the number of conversations that it holds. */
import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { VIEW_NAMES, view, type ViewName } from "../places";
import { countsQuery } from "../queries";
import classes from "./list.module.css";

export function Views({ current, onChoose }: { current: ViewName; onChoose: (view: ViewName) => void }) {
  const { t, i18n } = useTranslation("inbox");
  const { data: counts } = useQuery(countsQuery(useOrg()));
  const short = new Intl.NumberFormat(i18n.language, { notation: "compact" });
  return (
    <nav aria-label={t("view.title")} className={classes.views}>
      {VIEW_NAMES.map((name) => {
        const { count } = view(name);
        const number = count && counts ? counts[count] : undefined;
        return (
          <UnstyledButton key={name} className={classes.view} aria-current={name === current || undefined} onClick={() => onChoose(name)}>
            {t(`view.${name}`)}
            {number !== undefined && number > 0 && <span className={classes.count}>{short.format(number)}</span>}
          </UnstyledButton>
        );
      })}
    </nav>
  );
}
