/** The steps of a connection as a page shows them: those that were begun and those that will come. */
import type { Connection, Mode, Step, StepName } from "./queries";

/** A step, begun or not. */
export type Shown = Pick<Step, "step"> & Partial<Step>;

const ORDER: readonly StepName[] = [
  "exchange_code",
  "prove_access",
  "bind_account",
  "subscribe_app",
  "override_webhook",
  "share_credit",
  "register_number",
  "sync_business_app",
  "sync",
  "check_funding",
  "first_message",
];

/** Whether the account was connected before, so that connecting it renewed it. */
export function isRenewed({ steps }: Pick<Connection, "steps">): boolean {
  return steps?.some(renews) ?? false;
}

/** Whether this step found that the account was connected before. */
export function renews({ step, result }: Shown): boolean {
  const facts = result as { renewed?: unknown } | null | undefined;
  return step === "bind_account" && facts?.renewed === true;
}

/** Every step that this connection has or will have, in order. */
export function stepsOf(connection: Connection): Shown[] {
  const begun = new Map(connection.steps?.map((step) => [step.step, step]));
  return ORDER.filter((step) => begun.has(step) || applies(step, connection)).map((step) => begun.get(step) ?? { step });
}

function applies(step: StepName, { mode, entry, variant }: Connection): boolean {
  switch (step) {
    case "exchange_code":
      return entry !== "manual";
    case "override_webhook":
      return false;
    case "share_credit":
      return mode === ("solution_partner" satisfies Mode) && variant !== "app_only";
    case "register_number":
      return variant !== "coexistence";
    case "sync_business_app":
      return variant === "coexistence";
    default:
      return true;
  }
}

/** Whether the messaging account can be worked with. */
export function isConnected({ state }: Pick<Connection, "state">): boolean {
  return ["payment_pending", "silent", "live"].includes(state);
}

/** Whether the connection waits for somebody to go through Meta's window. */
export function waitsForDialog({ state, entry, steps }: Connection): boolean {
  if (entry === "manual" || state === "abandoned") return false;
  const exchange = steps?.find((one) => one.step === "exchange_code");
  return state === "started" || exchange?.status === "needs_person";
}

/** How a person ends what stops a step. */
export type Remedy = "dialog" | "choose" | "currency" | "pin" | "confirm" | "retry" | "none";

/** What there is to do here about a step that stopped. */
export function remedyOf({ step, status, problem }: Shown, entry: Connection["entry"]): Remedy {
  if (!problem || status === "done" || status === "running") return "none";
  if (step === "exchange_code") return status === "needs_person" ? "dialog" : "none";
  switch (problem.trouble) {
    case "several_accounts":
      return "choose";
    case "currency_refused":
    case "credit_not_configured":
      return "currency";
    case "wrong_pin":
    case "pin_refused":
      return "pin";
    case "foreign_override":
    case "different_account":
    case "shared_account":
    case "register_held":
      return "confirm";
    case "credit_unproved":
      // It is looked at by itself; pressing again would say that credit shall be shared a second time.
      return "none";
    case "no_account_found":
    case "account_not_granted":
    case "token_dead":
    case "token_malformed":
    case "permission_missing":
    case "no_number":
    case "verify_first":
      return entry === "manual" ? "retry" : "dialog";
    default:
      return "retry";
  }
}

/** How long a step took, in milliseconds. */
export function took({ started_at: from, finished_at: to }: Shown): number | null {
  return typeof from === "number" && typeof to === "number" ? Math.max(0, (to - from) / 1000) : null;
}

/** What a step found, as values for its sentence. Whatever is not there is left out of the sentence. */
export function foundBy({ result, proof }: Shown): Record<string, string | number> {
  const facts: Record<string, string | number> = {};
  for (const part of [proof, result]) {
    if (typeof part !== "object" || part === null) continue;
    for (const [name, value] of Object.entries(part)) {
      if (typeof value === "string" || typeof value === "number") facts[name] = value;
      if (Array.isArray(value)) facts[name] = value.length;
    }
  }
  return facts;
}
