/** What is known of an account or number at a glance: how good each fact is, and which sentence says what it means. */
import { date } from "@/ui/Time";
import type { Account, PhoneNumber } from "./queries";

/** How good a fact is. */
export type Tone = "good" | "watch" | "bad" | "unknown";

/** A fact: `glance.<what>.<state>` are its texts. */
export interface Glance<What extends string = string, State extends string = string> {
  what: What;
  state: State;
  tone: Tone;
  /** A number that the text names. */
  count?: number;
}

const DAY_MS = 86_400_000;
/** From here on whoever looks should know that the access ends. */
const SOON_DAYS = 14;

/** The access to an account: whether it works and how long yet. */
export function access({ token, token_expires_at: ends }: Pick<Account, "token" | "token_expires_at">, now: number) {
  const glance = <State extends string>(state: State, tone: Tone, count?: number) =>
    ({ what: "access", state, tone, count }) as const;
  if (token === "suspect") return glance("suspect", "watch");
  if (token !== "valid") return glance(token, "bad");
  if (typeof ends !== "number") return glance("endless", "good");
  const days = Math.floor((date(ends).getTime() - now) / DAY_MS);
  if (days < 0) return glance("expired", "bad");
  return days > SOON_DAYS ? glance("lasts", "good", days) : glance("ending", "watch", days);
}

/** Everything about an account. */
export function glancesOfAccount(account: Account, now: number) {
  return [
    access(account, now),
    account.subscribed
      ? ({ what: "delivery", state: "on", tone: "good" } as const)
      : ({ what: "delivery", state: "off", tone: "bad" } as const),
    account.funded
      ? ({ what: "payment", state: "paid", tone: "good" } as const)
      : ({ what: "payment", state: "unpaid", tone: "watch" } as const),
    review(account),
    health(account),
  ] as const;
}

function review({ status, review_status: review }: Account) {
  const glance = <State extends string>(state: State, tone: Tone) => ({ what: "review", state, tone }) as const;
  if (status === "DISABLED" || status === "RESTRICTED") return glance("restricted", "bad");
  if (review === "REJECTED") return glance("rejected", "bad");
  if (review === "PENDING" || status === "PENDING") return glance("pending", "watch");
  return review === "APPROVED" ? glance("approved", "good") : glance("unknown", "unknown");
}

function health(account: Account) {
  const glance = <State extends string>(state: State, tone: Tone) => ({ what: "health", state, tone }) as const;
  switch (factsOf(account).health) {
    case "AVAILABLE":
      return glance("available", "good");
    case "LIMITED":
      return glance("limited", "watch");
    case "BLOCKED":
      return glance("blocked", "bad");
    default:
      return glance("unknown", "unknown");
  }
}

/** What else Meta said of an account, as far as pages show it. */
export function factsOf({ facts }: Pick<Account, "facts">): { health?: string; notes: string[]; restrictions: string[] } {
  const known = typeof facts === "object" && facts !== null ? (facts as Record<string, unknown>) : {};
  const texts = (value: unknown) =>
    Array.isArray(value) ? value.map((one) => (typeof one === "string" ? one : JSON.stringify(one))) : [];
  return {
    health: typeof known.health === "string" ? known.health : undefined,
    notes: texts(known.health_notes),
    restrictions: texts(known.restrictions),
  };
}

/** Everything about a number. */
export function glancesOfNumber(number: PhoneNumber) {
  return [line(number), quality(number), limit(number), name(number), throughput(number)] as const;
}

/** Whether a number can send. */
export function line({ line: state }: Pick<PhoneNumber, "line">) {
  const tones = { ready: "good", held: "watch", gone: "bad" } as const;
  return { what: "line", state, tone: tones[state] } as const;
}

export function quality({ quality: rated }: Pick<PhoneNumber, "quality">) {
  const glance = <State extends string>(state: State, tone: Tone) => ({ what: "quality", state, tone }) as const;
  switch (rated) {
    case "GREEN":
      return glance("green", "good");
    case "YELLOW":
      return glance("yellow", "watch");
    case "RED":
      return glance("red", "bad");
    default:
      return glance("unknown", "unknown");
  }
}

/** `TIER_2K`: two thousand people a day. */
export function limit({ messaging_limit: tier }: Pick<PhoneNumber, "messaging_limit">) {
  const glance = <State extends string>(state: State, tone: Tone, count?: number) =>
    ({ what: "limit", state, tone, count }) as const;
  if (tier === "TIER_UNLIMITED") return glance("unlimited", "good");
  const [, digits, thousands] = /^TIER_(\d+)(K?)$/.exec(tier ?? "") ?? [];
  if (!digits) return glance("unknown", "unknown");
  return glance("tier", "good", parseInt(digits, 10) * (thousands ? 1000 : 1));
}

function name({ name_status: status }: PhoneNumber) {
  const glance = <State extends string>(state: State, tone: Tone) => ({ what: "name", state, tone }) as const;
  switch (status) {
    case "APPROVED":
    case "AVAILABLE_WITHOUT_REVIEW":
      return glance("approved", "good");
    case "PENDING_REVIEW":
    case "PENDING":
      return glance("pending", "watch");
    case "DECLINED":
    case "EXPIRED":
      return glance("declined", "bad");
    default:
      return glance("unknown", "unknown");
  }
}

function throughput({ throughput: level }: PhoneNumber) {
  const glance = <State extends string>(state: State, tone: Tone) => ({ what: "throughput", state, tone }) as const;
  if (level === "HIGH") return glance("high", "good");
  return level === "STANDARD" ? glance("standard", "good") : glance("unknown", "unknown");
}
