/**
 * How an attempt through the sign-up dialog goes, from the button to the code that the server has taken. Pure: what
 * happened goes in, how things stand comes out; code and messages may come in any order, twice or never.
 */
import { ApiProblem, isCode, NotReached } from "@/api/problem";
import type { Said } from "./messages";

/** How an attempt stands. */
export type Phase =
  /** Nothing was begun. */
  | "idle"
  /** The attempt and the SDK are being fetched. */
  | "preparing"
  /** Everything is there; the browser wants another press of a button before it opens a window. */
  | "ready"
  /** The window is open. */
  | "open"
  /** The browser did not let the window open. */
  | "blocked"
  /** The SDK could not be loaded. */
  | "no_sdk"
  /** The window was closed and nothing was heard of it. */
  | "closed"
  /** The window was closed before the last screen. */
  | "cancelled"
  /** Meta showed an error in the window. */
  | "failed"
  /** The last screen was reached, and the window closed without the code. */
  | "no_code"
  /** The code is on its way to the server. */
  | "sending"
  /** The server has the code. */
  | "taken"
  /** The code ran out before it reached the server. */
  | "late"
  /** The attempt's time is over. */
  | "expired"
  /** The server refused. */
  | "refused";

/** An attempt. */
export interface Flow {
  phase: Phase;
  /** What the window said last of its end. */
  said: Said | null;
  /** Whether the server could not be reached with the code, which is tried again. */
  unreachable: boolean;
  /** Why the server refused. */
  problem: unknown;
}

/** What happened. */
export type Happened =
  | { what: "asked" | "prepared" | "opened" | "blocked" | "no_sdk" | "unreachable" | "taken" | "late" | "time_up" }
  /** The window posted a message. */
  | { what: "said"; said: Said }
  /** The SDK called back, or the window is gone. */
  | { what: "returned"; code: boolean }
  | { what: "refused"; problem: unknown };

/** Before anything was begun. */
export const IDLE: Flow = { phase: "idle", said: null, unreachable: false, problem: null };

/** How the attempt stands after what happened. */
export function next(flow: Flow, event: Happened): Flow {
  const to = (phase: Phase): Flow => ({ ...flow, phase });
  if (event.what === "asked") return { ...IDLE, phase: "preparing" };
  if (flow.phase === "taken") return flow;
  if (flow.phase === "sending") return whileSending(flow, event);
  switch (event.what) {
    case "prepared":
      return to("ready");
    case "opened":
      return { ...flow, phase: "open", said: null };
    case "blocked":
    case "no_sdk":
      return to(event.what);
    case "said":
      // A window that speaks is open, whatever it looked like.
      return settled({ ...(flow.phase === "blocked" ? to("open") : flow), said: worthier(flow.said, event.said) });
    case "returned":
      return event.code ? to("sending") : settled(to("closed"));
    case "time_up":
      return to("expired");
    case "refused":
      return { ...flow, phase: "refused", problem: event.problem };
    // Of a code that nobody sends any more.
    case "unreachable":
    case "taken":
    case "late":
      return flow;
  }
}

/** The code is what counts: nothing that the window still says changes anything. */
function whileSending(flow: Flow, event: Happened): Flow {
  switch (event.what) {
    case "unreachable":
      return { ...flow, unreachable: true };
    case "taken":
    case "late":
      return { ...flow, phase: event.what, unreachable: false };
    case "refused":
      return { ...flow, phase: "refused", problem: event.problem };
    default:
      return flow;
  }
}

/** Whoever has finished may still close a second window; that they have finished stays true. */
function worthier(before: Said | null, now: Said): Said {
  return before?.kind === "finished" ? before : now;
}

/** Once the window is gone without a code, what it said before or says afterwards tells why. */
function settled(flow: Flow): Flow {
  if (!["closed", "cancelled", "failed", "no_code"].includes(flow.phase)) return flow;
  const phases = { finished: "no_code", cancelled: "cancelled", failed: "failed" } as const;
  return { ...flow, phase: flow.said ? phases[flow.said.kind] : "closed" };
}

/** How long a code lives. (Meta: embedded-signup/implementation, 2026-06.) */
export const CODE_LIVES_MS = 30_000;

/**
 * What to do after handing in the code has failed: once more while it lives, or give up. A second try that is told that
 * the attempt is over found the first one taken: its answer was lost on the way.
 */
export function afterFailure(error: unknown, tries: number, age: number): "again" | "taken" | "late" | "refused" {
  if (isCode(error, "signup_state_invalid") && tries > 1) return "taken";
  const mayPass =
    error instanceof NotReached || (error instanceof ApiProblem && (error.status >= 500 || error.status === 429));
  if (!mayPass) return "refused";
  return age < CODE_LIVES_MS ? "again" : "late";
}

/** The longest that an attempt lasts. */
const LONGEST_MS = 10 * 60_000;

/** How long an attempt lasts from now on, all in milliseconds. A clock that differs from the server's does not matter. */
export function lasts(until: number, now: number): number {
  const left = until - now;
  return left > 0 && left <= LONGEST_MS ? left : LONGEST_MS;
}
