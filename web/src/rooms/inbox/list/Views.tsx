/** The views, each with the number of conversations that it holds; behind them those that were saved. */
import { UnstyledButton, useDirection } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { countsQuery } from "../counts";
import { SavedViewMenu } from "../parts";
import { VIEW_NAMES, view } from "../places";
import { savedViewsQuery } from "../queries";
import { AS_IT_IS, isNarrowed, type InboxSearch } from "../search";
import classes from "./list.module.css";
import type { SavedView } from "./useSaved";

interface ViewsProps {
  search: InboxSearch;
  saved: SavedView | undefined;
  onChoose: (change: Partial<InboxSearch>) => void;
}

export function Views({ search, saved, onChoose }: ViewsProps) {
  const { t, i18n } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay()("inbox.write");
  const { data: counts } = useQuery(countsQuery(org));
  const { data: all = [] } = useQuery(savedViewsQuery(org));
  const format = new Intl.NumberFormat(i18n.language);
  // Beyond this the server counts no further.
  const short = (count: number) => (count > 999 ? `${format.format(999)}+` : format.format(count));
  const current = saved ? null : (search.view ?? "open");
  const { dir } = useDirection();
  const row = useRef<HTMLElement>(null);
  const shown = saved?.id ?? current;
  useEffect(() => {
    row.current?.querySelector("[aria-current], [data-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  return (
    <nav
      ref={row}
      aria-label={t("view.title")}
      className={classes.views}
      // A wheel that only goes up and down goes along the row.
      onWheel={({ currentTarget, deltaX, deltaY }) => {
        if (deltaX === 0) currentTarget.scrollLeft += dir === "rtl" ? -deltaY : deltaY;
      }}
    >
      {VIEW_NAMES.map((name) => {
        const { count } = view(name);
        const number = count && counts ? counts[count] : undefined;
        return (
          <UnstyledButton
            key={name}
            className={classes.view}
            aria-current={name === current || undefined}
            // Filters of one's own go along; what was laid over a saved view means nothing elsewhere.
            onClick={() => onChoose({ ...(search.saved ? AS_IT_IS : {}), view: name, saved: undefined, q: undefined })}
          >
            {t(`view.${name}`)}
            {number !== undefined && number > 0 && <span className={classes.count}>{short(number)}</span>}
          </UnstyledButton>
        );
      })}
      {all.map((one) => {
        const isCurrent = one.id === saved?.id;
        return (
          <span key={one.id} className={classes.view} data-current={isCurrent || undefined}>
            <UnstyledButton
              className={classes.savedView}
              aria-current={isCurrent || undefined}
              title={one.name}
              onClick={() => onChoose({ ...AS_IT_IS, view: undefined, saved: one.id, q: one.filter.q ?? undefined })}
            >
              <Bookmark size={12} aria-hidden />
              <span className={classes.words}>{one.name}</span>
              {isCurrent && isNarrowed(search, saved) && <span className="visually-hidden">{t("view.changed")}</span>}
            </UnstyledButton>
            {isCurrent && may && <SavedViewMenu view={one} search={search} onChoose={onChoose} />}
          </span>
        );
      })}
    </nav>
  );
}
