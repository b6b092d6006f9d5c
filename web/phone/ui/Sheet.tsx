/**
 * A sheet that comes up from the foot of the phone's screen. While it is up, the screen below is inert; Escape, a tap
 * beside it and its close button send it away, and the focus returns to where it was.
 */
import { X } from "lucide-react";
import { createContext, use, useCallback, useEffect, useEffectEvent, useId, useRef, useState, type ReactNode, type SyntheticEvent } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";
import classes from "./Sheet.module.css";

interface Room {
  place: HTMLElement | null;
  /** A sheet comes up, or goes; then the focus returns to where it was before. */
  count: (by: 1 | -1, before?: Element | null) => void;
}

const SheetRoom = createContext<Room>({ place: null, count: () => undefined });

/** The screen that sheets come up over. */
export function SheetStage({ className, children }: { className?: string; children: ReactNode }) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [up, setUp] = useState(0);
  const before = useRef<Element | null>(null);
  const count = useCallback<Room["count"]>((by, from) => {
    setUp((sheets) => sheets + by);
    // A sheet that took another's place began within that one, which is gone.
    if (from?.isConnected) before.current = from;
  }, []);
  useEffect(() => {
    // Only now is the screen below no longer inert.
    if (up === 0 && before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
    if (up === 0) before.current = null;
  }, [up]);
  return (
    <SheetRoom value={{ place, count }}>
      <div className={classes.stage}>
        <div className={className} inert={up > 0}>
          {children}
        </div>
        <div ref={setPlace} />
      </div>
    </SheetRoom>
  );
}

const keep = (event: SyntheticEvent) => event.stopPropagation();

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** The whole screen, for pictures. */
  full?: boolean;
}

export function Sheet({ title, onClose, children, full }: SheetProps) {
  const { t } = useTranslation("phone");
  const { place, count } = use(SheetRoom);
  const body = useRef<HTMLDivElement>(null);
  const [before] = useState(() => document.activeElement);
  const title_id = useId();
  const close = useEffectEvent(onClose);

  useEffect(() => {
    count(1);
    body.current?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    };
    addEventListener("keydown", onKey, true);
    return () => {
      removeEventListener("keydown", onKey, true);
      count(-1, before);
    };
  }, [before, count]);

  if (!place) return null;
  return createPortal(
    // A sheet stands within what opened it only as far as React goes; its taps are its own.
    <div className={classes.cover} onDoubleClick={keep} onContextMenu={keep} onPointerDown={keep}>
      <button type="button" className={classes.beside} tabIndex={-1} aria-hidden onClick={onClose} />
      <div
        ref={body}
        role="dialog"
        aria-labelledby={title_id}
        tabIndex={-1}
        className={classes.sheet}
        data-full={full ?? undefined}
      >
        <header className={classes.header}>
          <h2 id={title_id}>{title}</h2>
          <IconButton icon={X} label={t("close")} onClick={onClose} />
        </header>
        <div className={classes.body}>{children}</div>
      </div>
    </div>,
    place,
  );
}
