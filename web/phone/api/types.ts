/** What the emulator's controls say, as far as the phone asks (`/_emulator/openapi.json` has it all). */

/** Unix milliseconds on the emulator's clock. */
export type Millis = number;

/** How far a message came. */
export type Status = "accepted" | "sent" | "delivered" | "read" | "played" | "failed";

/** How a phone answers with receipts. */
export type Receipts = "automatic" | "delivered" | "no_read" | "manual";

/** An object as it went over the wire. */
export type Wire = Record<string, unknown>;

export interface Person {
  id: string;
  phone: string;
  name: string;
  country: string;
  username: string | null;
  shares_phone: boolean;
  online: boolean;
  on_whatsapp: boolean;
  receipts: Receipts;
  blocked: string[];
  stopped_marketing: string[];
  bsuids: Record<string, string>;
}

/** A person's phone among the others. */
export interface Phone {
  person: Person;
  unread: number;
  last_at: Millis | null;
}

export interface Business {
  id: string;
  account_id: string;
  portfolio_id: string;
  phone: string;
  display: string;
  name: string;
  name_approved: boolean;
  registered: boolean;
  /** Whether somebody pays for its templates. */
  pays: boolean;
  picture: string | null;
  profile: Wire;
}

export interface Message {
  id: string;
  sequence: number;
  number_id: string;
  person_id: string;
  direction: "inbound" | "outbound";
  kind: string;
  content: unknown;
  text: string;
  context: string | null;
  category: string | null;
  at: Millis;
  status: Status;
  history: [Status, Millis][];
  failure: { code: number; title: string; details: string } | null;
  reaction: string | null;
}

export interface ChatLine {
  number: string;
  last: Message | null;
  unread: number;
  typing_until: Millis | null;
  window_from: Millis | null;
  waiting: number;
}

/** A stretch of a chat. */
export interface Chat {
  number: string;
  person: string;
  window_from: Millis | null;
  seen: number;
  messages: Message[];
}

/** What is between a number and a person. */
export interface Thread {
  number_id: string;
  person_id: string;
  typing_until: Millis | null;
}

export interface Template {
  id: string;
  account_id: string;
  name: string;
  language: string;
  category: string;
  status: string;
  quality: string | null;
  components: Wire[];
}

export interface Clock {
  now: Millis;
  offset_ms: Millis;
}

export interface Settings {
  webhooks: { delay_ms: Millis; duplicate: number; reorder: boolean; forge_signature: boolean };
  drop_responses: number;
}

export type FaultEffect =
  | "drop_response"
  | "drop_request"
  | { failure: string }
  | { delay_ms: number }
  | { failed_status: { code: number; title: string; details?: string | null } };

export interface Fault {
  id: string;
  method?: string | null;
  edge: string;
  times: number;
  after: number;
  effect: FaultEffect | Wire;
}

export interface KnownFailure {
  name: string;
  about: string;
  status: number;
  code: number | null;
}

export interface Call {
  sequence: number;
  at: Millis;
  method: string;
  path: string;
  body: unknown;
  status: number;
  answer: unknown;
  took_us: number;
}

export interface Delivery {
  sequence: number;
  at: Millis;
  url: string;
  fields: string[];
  attempt: number;
  status: number | null;
  error: string | null;
  took_us: number;
  body: unknown;
}
