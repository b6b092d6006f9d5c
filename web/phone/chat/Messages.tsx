/** The messages, of which only those in sight stand in the page, however many there are. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Business, Message } from "../api/types";
import { IconButton } from "../ui/Button";
import { dayName } from "../ui/times";
import { useNow } from "../ui/useNow";
import { Bubble } from "./Bubble";
import { useTyping } from "./Chat";
import { MessageMenu } from "./MessageMenu";
import classes from "./Messages.module.css";
import type { Shown } from "./shown";
import { useSummary } from "./summary";

interface MessagesProps {
  rows: readonly Shown[];
  /** Everything known of the chat, for quotes. */
  messages: readonly Message[];
  business: Business;
  /** Reads older ones; absent when there are none. */
  more: (() => void) | undefined;
  loading: boolean;
  onReply: (message: Message) => void;
}

/** How high a message of one line is, and the day above it, in pixels: until they are measured they stand by this. */
const ROW = 62;
const DAY = 35;
/** Rows from the top at which older messages are read. */
const NEAR_TOP = 12;
/** How long the list may take to find its end, in milliseconds. */
const SETTLE_MS = 250;
/** Pixels from the foot within which the list follows what comes. */
const NEAR_FOOT = 120;

export function Messages({ rows, messages, business, more, loading, onReply }: MessagesProps) {
  const { t, i18n } = useTranslation("phone");
  const scroller = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<Shown | null>(null);
  const [atFoot, setAtFoot] = useState(true);
  const typing = useTyping(business.id);
  const now = useNow(60_000);
  const count = rows.length + (typing ? 1 : 0);
  // eslint-disable-next-line react-hooks/incompatible-library -- The list is not memoised; it renders what is in sight.
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => ROW + (rows[index]?.opensDay ? DAY : 0),
    getItemKey: (index) => rows[index]?.message.id ?? "typing",
    overscan: 10,
    paddingStart: 12,
    paddingEnd: 10,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_FOOT,
    useAnimationFrameWithResizeObserver: true,
  });
  const items = virtual.getVirtualItems();

  // A chat opens at its end; older messages are read once it stands there.
  const [settled, setSettled] = useState(false);
  const empty = rows.length === 0;
  useLayoutEffect(() => {
    if (empty) return;
    virtual.scrollToEnd();
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [empty, virtual]);

  // One's own message is always looked at.
  const newest = rows.at(-1);
  const newestOwn = newest?.mine ? newest.message.id : undefined;
  useEffect(() => {
    if (newestOwn) virtual.scrollToEnd();
  }, [newestOwn]); // eslint-disable-line react-hooks/exhaustive-deps -- Only when it is a new one.

  const first = items[0]?.index ?? 0;
  useEffect(() => {
    if (settled && first < NEAR_TOP) more?.();
  }, [settled, first, more]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const focused = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (event.target !== focused?.querySelector("[role=article]")) return;
    const index = Number(focused.dataset.index);
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[index];
    if (row && (event.key === "Enter" || event.key === "ContextMenu")) setMenu(row);
    else if (to !== undefined) focus(Math.min(Math.max(to, 0), rows.length - 1));
    else return;
    event.preventDefault();
  };
  const focus = (index: number) => {
    virtual.scrollToIndex(index);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] [role=article]`)?.focus({ preventScroll: true }),
    );
  };
  const find = (id: string) => messages.find((one) => one.id === id);

  return (
    <div className={classes.room}>
      <div
        ref={scroller}
        className={classes.scroller}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget: it }) => setAtFoot(it.scrollHeight - it.scrollTop - it.clientHeight < NEAR_FOOT * 2)}
      >
        {rows.length === 0 && !loading && <p className={classes.empty}>{t("chat.empty", { name: business.name })}</p>}
        <div
          // A feed without articles is none.
          role={rows.length > 0 ? "feed" : undefined}
          aria-label={rows.length > 0 ? t("chat.messages", { name: business.name }) : undefined}
          aria-busy={loading}
          className={classes.all}
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map((item) => {
            const row = rows[item.index];
            return (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtual.measureElement}
                className={classes.row}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row ? (
                  <>
                    {row.opensDay && <p className={classes.day}>{dayName(row.message.at, now, i18n.language)}</p>}
                    <Bubble
                      shown={row}
                      quoted={row.message.context ? find(row.message.context) : undefined}
                      place={item.index + 1}
                      of={rows.length}
                      entry={item.index === rows.length - 1}
                      onMenu={() => setMenu(row)}
                      onReply={() => onReply(row.message)}
                      onQuoted={(id) => {
                        const index = rows.findIndex((one) => one.message.id === id);
                        if (index >= 0) focus(index);
                      }}
                    />
                  </>
                ) : (
                  <TypingDots name={business.name} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!atFoot && (
        <IconButton
          icon={ChevronDown}
          label={t("chat.toEnd")}
          className={classes.toEnd}
          onClick={() => virtual.scrollToEnd()}
        />
      )}
      {!loading && <Announcer newest={newest} name={business.name} />}
      {menu && (
        <MessageMenu
          shown={rows.find((one) => one.message.id === menu.message.id) ?? menu}
          onClose={() => setMenu(null)}
          onReply={() => onReply(menu.message)}
        />
      )}
    </div>
  );
}

function TypingDots({ name }: { name: string }) {
  const { t } = useTranslation("phone");
  return (
    <div className={classes.dots} role="img" aria-label={t("chat.typingBy", { name })}>
      <span />
      <span />
      <span />
    </div>
  );
}

/** Reads out what the business writes while the chat is open. */
function Announcer({ newest, name }: { newest: Shown | undefined; name: string }) {
  const summary = useSummary();
  const [since] = useState(newest?.message.sequence ?? 0);
  const fresh = newest && !newest.mine && newest.message.sequence > since ? newest.message : undefined;
  return (
    <div aria-live="polite" className="visually-hidden">
      {fresh && `${name}: ${summary(fresh)}`}
    </div>
  );
}
