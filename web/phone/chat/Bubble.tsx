/** One message: what it says, whom it answers, when it was written, how far it came. */
import { Ban, EllipsisVertical } from "lucide-react";
import { memo, useRef, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../api/types";
import { Content } from "../content/Content";
import { clockTime } from "../ui/times";
import classes from "./Bubble.module.css";
import { useRoom } from "./ChatRoom";
import type { Shown } from "./shown";
import { useSummary } from "./summary";
import { Ticks } from "./Ticks";
import { text } from "./wire";

interface BubbleProps {
  shown: Shown;
  quoted: Message | undefined;
  /** Its place among the messages, from 1, and how many there are. */
  place: number;
  of: number;
  /** The keyboard enters the messages here. */
  entry: boolean;
  onMenu: () => void;
  onReply: () => void;
  /** Goes to the message quoted. */
  onQuoted: (id: string) => void;
}

/** How long a finger rests for the menu. */
const LONG_PRESS_MS = 450;

export const Bubble = memo(BubbleOf, (before, after) => {
  return (
    before.shown.message === after.shown.message &&
    before.shown.content === after.shown.content &&
    before.shown.revoked === after.shown.revoked &&
    before.shown.opensRun === after.shown.opensRun &&
    before.quoted === after.quoted &&
    before.of === after.of
  );
});

function BubbleOf({ shown, quoted, place, of, entry, onMenu, onReply, onQuoted }: BubbleProps) {
  const { t, i18n } = useTranslation("phone");
  const { message, mine, revoked, edited, opensRun } = shown;
  const { business } = useRoom();
  const summary = useSummary();
  const press = useLongPress(onMenu);
  const time = clockTime(message.at, i18n.language);
  if (message.kind === "system") return <p className={classes.note}>{text(message.content, "body") || summary(message)}</p>;
  const bare = message.kind === "sticker" && !revoked;
  const writer = mine ? t("chat.you") : business.name;
  return (
    <div className={classes.line} data-mine={mine || undefined} data-opens={opensRun || undefined}>
      <div
        role="article"
        aria-posinset={place}
        aria-setsize={of}
        aria-label={`${writer}, ${time}`}
        tabIndex={entry ? 0 : -1}
        className={classes.bubble}
        data-bare={bare || undefined}
        data-reacted={message.reaction ? true : undefined}
        onDoubleClick={onReply}
        onContextMenu={(event) => {
          event.preventDefault();
          onMenu();
        }}
        {...press}
      >
        {message.context && !revoked && (
          <Quote message={quoted} name={business.name} onClick={() => message.context && onQuoted(message.context)} />
        )}
        {revoked ? (
          <p className={classes.revoked}>
            <Ban size={15} aria-hidden /> {t("chat.revoked")}
          </p>
        ) : (
          <Content message={message} content={shown.content} />
        )}
        <span className={classes.meta}>
          {edited && <span>{t("chat.edited")}</span>}
          <time dateTime={new Date(message.at).toISOString()}>{time}</time>
          {mine && <Ticks status={message.status} />}
        </span>
        <button type="button" tabIndex={-1} className={classes.more} aria-label={t("menu.open")} onClick={onMenu}>
          <EllipsisVertical size={16} aria-hidden />
        </button>
        {message.reaction && (
          <button type="button" className={classes.reaction} aria-label={t("menu.reaction", { emoji: message.reaction })} onClick={onMenu}>
            {message.reaction}
          </button>
        )}
      </div>
    </div>
  );
}

/** The message that is answered. */
export function Quote({ message, name, onClick }: { message: Message | undefined; name: string; onClick?: () => void }) {
  const { t } = useTranslation("phone");
  const summary = useSummary();
  return (
    <button type="button" className={classes.quote} onClick={onClick} disabled={!onClick}>
      <strong>{message?.direction === "inbound" ? t("chat.you") : name}</strong>
      <span>{message ? summary(message) : t("chat.quoted")}</span>
    </button>
  );
}

/** A finger that rests opens the menu; one that moves scrolls. */
function useLongPress(act: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = () => clearTimeout(timer.current);
  return {
    onPointerDown: (event: PointerEvent) => {
      stop();
      if (event.pointerType === "touch") timer.current = setTimeout(act, LONG_PRESS_MS);
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onPointerMove: (event: PointerEvent) => {
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 4) stop();
    },
  };
}
