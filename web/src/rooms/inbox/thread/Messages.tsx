/**
 * The messages of a thread. Opens at its end at once, reads older ones on scrolling up without moving what is looked
 * at, and draws only what is in sight, so that ten thousand cost as little as a hundred.
 */
import { ActionIcon, Indicator, Loader } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { Bubble } from "./Bubble";
import { DeedRow } from "../parts";
import { DayRow, UnreadRow } from "./DayRow";
import classes from "./Messages.module.css";
import { NoteRow } from "./NoteRow";
import { PendingBubble } from "./PendingBubble";
import type { Row } from "./timeline";

/** How near to an edge more is read. */
const NEAR = 12;

/** What the thread may ask of its messages. */
export interface MessagesHandle {
  /** Shows a message in the middle; `false` where it is not among the rows. */
  show: (message: string) => boolean;
  toEnd: () => void;
}

interface MessagesProps {
  rows: readonly Row[];
  /** The message to open at, else the end. */
  openAt: string | null;
  hasOlder: boolean;
  hasNewer: boolean;
  loadOlder: () => void;
  loadNewer: () => void;
  /** Goes to the newest message, reading it first where it is not here. */
  toNewest: () => void;
  /** Tells whether the end is in sight. */
  onAtEnd: (isAtEnd: boolean) => void;
  /** How many messages came in beyond what is in sight. */
  below: number;
  handle: Ref<MessagesHandle>;
}

/** About how high a row is, before it was seen. */
function estimate(row: Row | undefined): number {
  if (row?.type !== "message") return 52;
  const { kind, body } = row.message;
  const lines = Math.min(Math.ceil(body.length / 52), 30);
  if (kind === "image" || kind === "video") return 280;
  if (kind === "sticker") return 180;
  if (kind === "interactive" || kind === "template") return 110 + lines * 20;
  return 38 + lines * 20;
}

function isOf(row: Row, message: string): boolean {
  return row.type === "message" && (row.message.id === message || row.edit?.id === message);
}

export function Messages(props: MessagesProps) {
  const { rows, openAt, hasOlder, hasNewer, loadOlder, loadNewer, toNewest, onAtEnd, below, handle } = props;
  const { t } = useTranslation("inbox");
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const follows = useRef(false);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtual list is read where it is made, and not passed on
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: 60,
    overscan: 10,
    paddingStart: 12,
    paddingEnd: 12,
  });
  const items = virtual.getVirtualItems();

  const show = (message: string) => {
    const index = rows.findIndex((row) => isOf(row, message));
    if (index >= 0) {
      follows.current = false;
      virtual.scrollToIndex(index, { align: "center" });
    }
    return index >= 0;
  };
  useImperativeHandle(handle, () => ({ show, toEnd: () => virtual.scrollToEnd() }));

  useLayoutEffect(() => {
    if (!openAt || !show(openAt)) virtual.scrollToEnd();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- where a thread opens is settled once
  }, []);

  // What somebody writes here is looked at until they look elsewhere, however high it grows once it has arrived.
  const newest = rows.at(-1);
  const written = newest?.type === "pending" ? newest.key : null;
  const writtenBefore = useRef(written);
  const height = virtual.getTotalSize();
  useLayoutEffect(() => {
    if (written && written !== writtenBefore.current) follows.current = true;
    writtenBefore.current = written ?? writtenBefore.current;
    if (follows.current) virtual.scrollToEnd();
  }, [written, rows, height, virtual]);
  const lookElsewhere = () => {
    follows.current = false;
  };

  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasOlder && first < NEAR) loadOlder();
  }, [first, hasOlder, loadOlder, rows.length]);
  useEffect(() => {
    if (hasNewer && last > rows.length - NEAR) loadNewer();
  }, [last, hasNewer, loadNewer, rows.length]);

  // What takes room below, such as a longer draft, must not hide the end from whoever looks at it.
  const wasAtEnd = useRef(true);
  useEffect(() => {
    wasAtEnd.current = isAtEnd;
  }, [isAtEnd]);
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (wasAtEnd.current) virtual.scrollToEnd();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [virtual]);

  // Looked at after every drawing: the end moves when the list grows, and when it is scrolled.
  const look = () => setAtEnd(virtual.isAtEnd(80) && !hasNewer);
  useEffect(look);
  useEffect(() => onAtEnd(isAtEnd), [isAtEnd, onAtEnd]);

  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        onScroll={look}
        onWheel={lookElsewhere}
        onTouchMove={lookElsewhere}
        onPointerDown={lookElsewhere}
        onKeyDown={lookElsewhere}
        tabIndex={0}
        role="region"
        aria-label={t("thread.messages")}
      >
        {hasOlder && <Loader size="sm" className={classes.older} aria-label={t("thread.older")} />}
        <div className={classes.all} style={{ height }} role="list">
          {items.map(({ key, index, start }) => (
            <div
              key={key}
              role="listitem"
              data-index={index}
              ref={virtual.measureElement}
              className={classes.item}
              style={{ transform: `translateY(${start}px)` }}
            >
              <RowShown row={rows[index]} />
            </div>
          ))}
        </div>
      </div>
      {(!isAtEnd || hasNewer) && (
        <Indicator label={below} disabled={below === 0} size={18} color="sapa.7" className={classes.down} position="top-start">
          <ActionIcon
            size={40}
            radius="xl"
            variant="default"
            onClick={toNewest}
            aria-label={below > 0 ? t("thread.toNewestCount", { count: below }) : t("thread.toNewest")}
          >
            <ArrowDown size={20} aria-hidden />
          </ActionIcon>
        </Indicator>
      )}
    </div>
  );
}

function RowShown({ row }: { row: Row | undefined }) {
  switch (row?.type) {
    case "day":
      return <DayRow at={row.at} />;
    case "unread":
      return <UnreadRow count={row.count} />;
    case "message":
      return <Bubble row={row} />;
    case "note":
      return <NoteRow note={row.note} />;
    case "deed":
      return <DeedRow deed={row.deed} />;
    case "pending":
      return <PendingBubble pending={row.pending} isFirst={row.isFirst} />;
    default:
      return null;
  }
}
