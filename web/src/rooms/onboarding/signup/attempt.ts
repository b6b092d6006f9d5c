/**
 * The attempt of this browser through the sign-up dialog. It outlives the page that began it: whoever walks on in the
 * dashboard while Meta's window is open still gets connected, and messages that come after the code still arrive.
 */
import type { Schemas } from "@/api/client";
import { date } from "@/ui/Time";
import { afterFailure, IDLE, lasts, next, type Flow, type Happened } from "./flow";
import { isFromDialog, readMessage } from "./messages";
import { loadSdk, openDialog } from "./sdk";

type Dialog = Schemas["Dialog"];

/** For whom an attempt is made: how it is begun, and where code and messages go. */
export interface Door {
  /** Tells attempts apart: the organisation, or the invite link. */
  key: string;
  /** Begins a connection, or opens another attempt of one. */
  dialog(): Promise<Dialog>;
  code(dialog: Dialog, code: string): Promise<unknown>;
  event(dialog: Dialog, event: unknown): Promise<unknown>;
}

/** What pages see of the attempt. */
export interface Attempt {
  door: string | null;
  dialog: Dialog | null;
  flow: Flow;
}

const AGAIN_MS = 1500;
const WATCH_MS = 500;
/** How long the SDK may take to call back after its window has gone. */
const GRACE_MS = 3000;
/** An attempt with less time than this left is not worth opening a window for. */
const WORTH_MS = 60_000;

class Signup {
  private current: Attempt = { door: null, dialog: null, flow: IDLE };
  private readonly listeners = new Set<() => void>();
  private door: Door | null = null;
  /** Which opening of the window is the last: an older one that ends empty-handed means nothing. */
  private opening = 0;
  /** When the attempt ends, by this browser's clock. */
  private ends = 0;
  private timers: ReturnType<typeof setTimeout>[] = [];
  private unlisten: () => void = () => undefined;

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly attempt = () => this.current;

  /** Begins an attempt. The window opens at once where the browser still counts the press of the button. */
  async begin(door: Door): Promise<void> {
    this.forget();
    this.door = door;
    this.tell({ what: "asked" }, { door: door.key, dialog: null });
    let dialog: Dialog;
    try {
      dialog = await door.dialog();
    } catch (problem) {
      if (this.door === door) this.tell({ what: "refused", problem });
      return;
    }
    if (this.door !== door) return;
    this.listen(door, dialog);
    try {
      await loadSdk(dialog);
    } catch {
      if (this.current.dialog === dialog) this.tell({ what: "no_sdk" });
      return;
    }
    if (this.current.dialog !== dialog) return;
    this.tell({ what: "prepared" });
    if (hasGesture()) this.open();
  }

  /** Opens the window again, of the same attempt while it lasts. */
  again(door: Door): void {
    const { dialog, flow } = this.current;
    const usable = dialog !== null && this.door?.key === door.key && this.ends - Date.now() > WORTH_MS;
    const spoilt = ["no_sdk", "refused", "late", "expired", "taken"].includes(flow.phase);
    if (usable && !spoilt) this.open();
    else void this.begin(this.door?.key === door.key ? this.door : door);
  }

  /** The page has gone on to the steps. Messages that still come are passed on as before. */
  release(): void {
    this.show({ door: null, dialog: null, flow: IDLE });
  }

  /** Lets go of the attempt. Its window may stay open; nothing is heard of it any more. */
  forget(): void {
    this.timers.forEach(clearTimeout);
    this.timers = [];
    this.unlisten();
    this.door = null;
    this.release();
  }

  private listen(door: Door, dialog: Dialog) {
    this.current = { ...this.current, dialog };
    const heard = (message: MessageEvent<unknown>) => {
      if (!isFromDialog(message.origin, dialog.message_origins)) return;
      const said = readMessage(message.data);
      if (!said) return;
      if (this.current.dialog === dialog) this.tell({ what: "said", said });
      // A hint that the server can do without: once more if it did not arrive, then let it be.
      const send = () => door.event(dialog, message.data);
      send().catch(() => this.later(AGAIN_MS, () => void send().catch(() => undefined)));
    };
    window.addEventListener("message", heard);
    this.unlisten = () => window.removeEventListener("message", heard);
    const left = lasts(date(dialog.expires_at).getTime(), Date.now());
    this.ends = Date.now() + left;
    this.later(left, () => {
      this.unlisten();
      if (this.current.dialog === dialog) this.tell({ what: "time_up" });
    });
  }

  private open() {
    const { door, current } = this;
    const dialog = current.dialog;
    if (!door || !dialog) return;
    const opening = ++this.opening;
    const isLast = () => this.opening === opening && this.current.dialog === dialog;
    let called = false;
    let popup: Window | null = null;
    const emptyHanded = () => popup && isLast() && this.tell({ what: "returned", code: false });
    popup = openDialog(dialog, (code) => {
      called = true;
      if (code === null) emptyHanded();
      else this.hand(door, dialog, code);
    });
    this.tell({ what: popup ? "opened" : "blocked" });
    const watch = () => {
      if (!popup || called || !isLast()) return;
      if (popup.closed) this.later(GRACE_MS, () => called || emptyHanded());
      else this.later(WATCH_MS, watch);
    };
    watch();
  }

  /** Hands the code in, at once and as long as it lives. */
  private hand(door: Door, dialog: Dialog, code: string) {
    const { phase } = this.current.flow;
    // Finished twice: the first code counts.
    if (this.current.dialog !== dialog || phase === "sending" || phase === "taken") return;
    this.tell({ what: "returned", code: true });
    const since = Date.now();
    const attempt = async (tries: number): Promise<void> => {
      try {
        await door.code(dialog, code);
        this.tell({ what: "taken" });
      } catch (problem) {
        const verdict = afterFailure(problem, tries, Date.now() - since);
        if (verdict === "again") {
          this.tell({ what: "unreachable" });
          this.later(AGAIN_MS, () => void attempt(tries + 1));
        } else this.tell(verdict === "refused" ? { what: verdict, problem } : { what: verdict });
      }
    };
    void attempt(1);
  }

  private tell(event: Happened, change: Partial<Attempt> = {}) {
    this.show({ ...this.current, ...change, flow: next(this.current.flow, event) });
  }

  private show(attempt: Attempt) {
    this.current = attempt;
    this.listeners.forEach((listener) => listener());
  }

  private later(ms: number, act: () => void) {
    this.timers.push(setTimeout(act, ms));
  }
}

/** Whether the browser would let a window open now. Those that do not say are tried. */
function hasGesture(): boolean {
  return (navigator as { userActivation?: UserActivation }).userActivation?.isActive ?? true;
}

/** The one attempt. */
export const signup = new Signup();
