/** Which decisions are shown, and how the server is asked for them. */
import type { Schemas } from "@/api/client";

export type Verdict = Schemas["OutreachVerdict"];
export type Outcome = Schemas["OutreachOutcome"];
export type Purpose = Schemas["Purpose"];
export type Channel = Schemas["Channel"];

/** Everything that is given has to fit. */
export interface Shown {
  verdict?: Verdict;
  outcome?: Outcome;
  purpose?: Purpose;
  reason?: Reason;
  channel?: Channel;
  contact?: string;
  number?: string;
  template?: string;
  /** Days, as a date field has them. */
  from?: string;
  until?: string;
}

export const VERDICTS: readonly Verdict[] = ["send", "wait", "fall_back", "refuse"];
export const PURPOSES: readonly Purpose[] = ["utility", "marketing", "authentication"];
export const CHANNELS: readonly Channel[] = ["whatsapp", "email", "sms"];
export const OUTCOMES: readonly Outcome[] = [
  "queued",
  "waiting",
  "awaiting_opt_in",
  "sent",
  "delivered",
  "read",
  "failed",
  "refused",
  "unresolved",
  "fallback_sent",
  "fallback_delivered",
  "fallback_failed",
  "expired",
];

/** Why something waits, goes elsewhere or is refused; the codes of the API. */
export const REASONS = [
  "opted_out",
  "no_opt_in",
  "no_marketing_opt_in",
  "purpose_opted_out",
  "not_on_whatsapp",
  "frequency_cap",
  "quiet_hours",
  "marketing_capped",
  "marketing_experiment",
  "marketing_to_us",
  "template_unusable",
  "template_parameters",
  "template_paused",
  "contact_blocked",
  "number_held",
  "number_disconnected",
  "number_restricted",
  "number_slowed",
  "number_at_limit",
  "not_delivered",
] as const;

export type Reason = (typeof REASONS)[number];

/** A day's beginning in the browser's time, in microseconds; with `after`, that of so many days later. */
function begins(day: string, after = 0): number | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + after).getTime() * 1_000;
}

/** As the server is asked. */
export function asked({ contact, number, from, until, template, ...rest }: Shown) {
  return {
    ...rest,
    contact_id: contact,
    number_id: number,
    template: template?.trim() === "" ? undefined : template?.trim(),
    from: from ? begins(from) : undefined,
    until: until ? begins(until, 1) : undefined,
  };
}

/** Where a browser gets the same as a table. */
export function exportAddress(org: string, shown: Shown): string {
  const given = Object.entries(asked(shown)).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api/v1/orgs/${org}/outreach/export${query && `?${query}`}`;
}
