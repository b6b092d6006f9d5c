/** The rows of a list: only those in sight are drawn, more are read on scrolling, the keyboard goes through them. */
import { Center, Loader, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Inbox, PartyPopper, SearchX } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { ProblemAlert } from "@/ui/Problem";
import { useKeys } from "../keys/useKeys";
import type { Conversation, Place, ViewName } from "../places";
import { conversationQuery, listQuery } from "../queries";
import type { InboxSearch } from "../search";
import { ConversationRow } from "./ConversationRow";
import classes from "./list.module.css";
import { allRows } from "./rows";

/** The height of a row; all have the same. */
const HEIGHT = 76;

interface RowsProps {
  place: Place;
  /** Whether it is more than a view that everybody has. */
  isNarrowed: boolean;
  open: string | null;
  search: InboxSearch;
}

export function Rows({ place, isNarrowed, open, search }: RowsProps) {
  const org = useOrg();
  const list = useInfiniteQuery(listQuery(org, place));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const pages = list.data?.pages;
  const all = useMemo(() => allRows(pages), [pages]);
  const rows = useKeeping(all, open);
  if (list.isPending) return <Waiting />;
  if (rows.length === 0 && list.error) return <ProblemAlert error={list.error} m="sm" />;
  if (rows.length === 0) return <Empty view={isNarrowed ? null : (search.view ?? "open")} />;
  return (
    <VirtualRows
      key={JSON.stringify(place)}
      rows={rows}
      open={open}
      search={search}
      onEnd={() => {
        if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
      }}
      isLoadingMore={isFetchingNextPage}
    />
  );
}

/** Rows that left the view while they are open stay where they were, until another is opened. */
function useKeeping(rows: Conversation[], open: string | null): Conversation[] {
  const [kept, setKept] = useState<{ row: Conversation; at: number } | null>(null);
  const at = rows.findIndex((row) => row.id === open);
  const row = rows[at];
  // It may have changed since it left: it is shown as it is now.
  const { data: now } = useQuery({ ...conversationQuery(useOrg(), open ?? ""), enabled: open !== null });
  if (row && (kept?.row !== row || kept.at !== at)) setKept({ row, at });
  if (row || kept?.row.id !== open) return rows;
  return rows.toSpliced(kept.at, 0, now ?? kept.row);
}

interface VirtualRowsProps {
  rows: readonly Conversation[];
  open: string | null;
  search: InboxSearch;
  onEnd: () => void;
  isLoadingMore: boolean;
}

function VirtualRows({ rows, open, search, onEnd, isLoadingMore }: VirtualRowsProps) {
  const { t } = useTranslation("inbox");
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtual list is read where it is made, and not passed on
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last > rows.length - 12) onEnd();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `onEnd` is made anew each time and does the same
  }, [last, rows.length]);

  const atCursor = rows.findIndex((row) => row.id === (cursor ?? open));
  const focus = (index: number) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (!row) return;
    setCursor(row.id);
    virtual.scrollToIndex(rows.indexOf(row));
    // The row may have to be drawn first.
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${row.id}"]`)?.focus());
  };
  useKeys({ j: () => focus(atCursor + 1), k: () => focus(atCursor < 0 ? 0 : atCursor - 1) });

  const reachable = cursor ?? open ?? rows[0]?.id;
  return (
    <div
      ref={scroller}
      className={classes.rows}
      onKeyDown={(event) => {
        const steps: Readonly<Record<string, number>> = { ArrowDown: atCursor + 1, ArrowUp: atCursor - 1, Home: 0, End: rows.length - 1 };
        const to = steps[event.key];
        if (to === undefined) return;
        event.preventDefault();
        focus(to);
      }}
    >
      <div style={{ height: virtual.getTotalSize() }} className={classes.allRows} role="list" aria-label={t("list.conversations")}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          return (
            row && (
              <div key={key} role="listitem" className={classes.place} style={{ transform: `translateY(${start}px)`, height: HEIGHT }}>
                <ConversationRow
                  conversation={row}
                  isOpen={row.id === open}
                  isReachable={row.id === reachable || (index === 0 && !rows.some((one) => one.id === reachable))}
                  search={search}
                  onFocus={() => setCursor(row.id)}
                />
              </div>
            )
          );
        })}
      </div>
      {isLoadingMore && (
        <Center p="sm">
          <Loader size="sm" aria-label={t("loading", { ns: "app" })} />
        </Center>
      )}
    </div>
  );
}

/** Stands where the rows will be. */
export function Waiting() {
  const { t } = useTranslation("app");
  return (
    <Stack p="sm" gap="sm" role="status" aria-label={t("loading")}>
      {Array.from({ length: 7 }, (_, at) => (
        <Skeleton key={at} height={58} radius="md" />
      ))}
    </Stack>
  );
}

function Empty({ view }: { view: ViewName | null }) {
  const { t } = useTranslation("inbox");
  if (view === null) {
    return (
      <EmptyState icon={SearchX} title={t("empty.filtered")}>
        {t("empty.filteredDetail")}
      </EmptyState>
    );
  }
  const isGood = view === "unread" || view === "handedOff" || view === "unassigned";
  return (
    <EmptyState icon={isGood ? PartyPopper : Inbox} title={t(`empty.${view}`)}>
      {t(`empty.${view}Detail`)}
    </EmptyState>
  );
}
