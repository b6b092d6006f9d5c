/** A notification as it is being written: what is chosen in the form, and what becomes of it. */
import type { Schemas } from "@/api/client";
import type { Step } from "@/rooms/channels/ChannelOrder";
import { gaps, type Template } from "@/rooms/inbox/composer/templates";
import { asField } from "@/rooms/inbox/takeover/snooze";
import type { Field } from "@/rooms/records/queries";
import { date } from "@/ui/Time";
import type { Definition, Notification, Trigger, Variable } from "./queries";

/** Where a gap's content comes from, as one word for a choice. */
export type Origin = "text" | "file" | "contact_name" | "contact_phone" | "external_id" | "given" | `field:${string}`;

/** What fills a gap, as it is chosen. */
export interface Filling {
  origin: Origin;
  /** The text, the name under which it is given, or the id of the file. */
  text: string;
  /** What stands there where there is nothing. */
  otherwise: string;
}

export interface Draft {
  name: string;
  number: string;
  template: string;
  language: string;
  fillings: Readonly<Record<string, Filling>>;
  /** The id of a kind of records; empty: contacts. */
  kind: string;
  labels: readonly string[];
  optedIn: boolean;
  when: Trigger["kind"];
  pattern: string;
  field: string;
  days: number;
  /** Before or after the day. */
  side: "before" | "after";
  at: string;
  isEnabled: boolean;
  matches: readonly Match[];
  /** The time zone; empty: the organisation's. */
  zone: string;
  /** Whether everybody's own clock counts. */
  ownClock: boolean;
  /** From when to when, as a field of moments has it; empty: always. */
  from: string;
  until: string;
  channels: readonly Step[];
}

/** What is to stand in a field of a record, as it is typed. */
export interface Match {
  field: string;
  text: string;
  not: boolean;
}

export function newDraft(): Draft {
  return {
    name: "",
    number: "",
    template: "",
    language: "",
    fillings: {},
    kind: "",
    labels: [],
    optedIn: false,
    when: "date",
    pattern: "0 9 * * MON",
    field: "",
    days: 30,
    side: "before",
    at: "09:00",
    isEnabled: true,
    matches: [],
    zone: "",
    ownClock: false,
    from: "",
    until: "",
    channels: [],
  };
}

/** The first day that such records have. */
export function firstDay(fields: readonly Field[] = []): string {
  return fields.find((field) => field.kind === "date")?.key ?? "";
}

/** A notification that is there, to be changed. */
export function draftOf({ name, state, definition }: Notification): Draft {
  const { audience, trigger } = definition;
  const fresh = newDraft();
  return {
    ...fresh,
    name,
    number: definition.number_id,
    template: definition.template,
    language: definition.language,
    fillings: Object.fromEntries(Object.entries(definition.variables ?? {}).map(([gap, variable]) => [gap, fillingOf(variable)])),
    kind: audience.kind === "records" ? audience.record_kind_id : "",
    labels: audience.kind === "contacts" ? (audience.labels ?? []) : [],
    optedIn: audience.kind === "contacts" && (audience.opted_in ?? false),
    matches: audience.kind === "records" ? (audience.matches ?? []).map(({ field, is, not = false }) => ({ field, text: String(is), not })) : [],
    when: trigger.kind,
    pattern: trigger.kind === "cron" ? trigger.pattern : fresh.pattern,
    field: trigger.kind === "date" ? trigger.field : "",
    days: trigger.kind === "date" ? Math.abs(trigger.days) : fresh.days,
    side: trigger.kind === "date" && trigger.days > 0 ? "after" : "before",
    at: trigger.kind === "date" ? trigger.at : fresh.at,
    isEnabled: state === "enabled",
    zone: definition.time_zone ?? "",
    ownClock: definition.clock === "contact",
    from: moment(definition.starts_at),
    until: moment(definition.ends_at),
    channels: definition.fallback ?? [],
  };
}

const moment = (micros?: number | null) => (micros === null || micros === undefined ? "" : asField(date(micros)));
const micros = (text: string) => (text === "" ? null : new Date(text).getTime() * 1000);

/** What was typed, by the kind of the field that it is compared with. */
function compared(text: string, field?: Field): string | number | boolean {
  const plain = text.trim();
  if (field?.kind === "flag") return plain === "true";
  const isNumber = (field?.kind === "number" || field?.kind === "money") && plain !== "" && Number.isFinite(Number(plain));
  return isNumber ? Number(plain) : plain;
}

function fillingOf({ from, default: otherwise }: Variable): Filling {
  const base = { text: "", otherwise: otherwise ?? "" };
  switch (from.kind) {
    case "text":
      return { ...base, origin: "text", text: from.text };
    case "file":
      return { ...base, origin: "file", text: from.media_id };
    case "given":
      return { ...base, origin: "given", text: from.name };
    case "field":
      return { ...base, origin: `field:${from.field}` };
    default:
      return { ...base, origin: from.kind };
  }
}

function variableOf({ origin, text, otherwise }: Filling): Variable {
  const from: Variable["from"] =
    origin === "text"
      ? { kind: "text", text }
      : origin === "file"
        ? { kind: "file", media_id: text }
        : origin === "given"
          ? { kind: "given", name: text }
          : origin.startsWith("field:")
            ? { kind: "field", field: origin.slice("field:".length) }
            : { kind: origin as "contact_name" | "contact_phone" | "external_id" };
  return otherwise.trim() === "" ? { from } : { from, default: otherwise };
}

/** What a gap is filled with before anything is chosen. */
export function usualFilling(gap: string): Filling {
  return { origin: /name|nama/.test(gap) ? "contact_name" : "text", text: "", otherwise: "" };
}

/** The notification that the draft describes, to records with these fields. */
export function definitionOf(draft: Draft, templates: readonly Template[], fields: readonly Field[] = []): Definition {
  const names = [...new Set(templates.flatMap((template) => gaps(template).map((gap) => gap.id)))];
  const days = draft.side === "before" ? -draft.days : draft.days;
  return {
    number_id: draft.number,
    template: draft.template,
    language: draft.language,
    variables: Object.fromEntries(names.map((gap) => [gap, variableOf(draft.fillings[gap] ?? usualFilling(gap))])),
    audience:
      draft.kind === ""
        ? { kind: "contacts", labels: [...draft.labels], opted_in: draft.optedIn }
        : { kind: "records", record_kind_id: draft.kind, matches: draft.matches.filter((one) => one.field !== "").map((one) => matchOf(one, fields)) },
    trigger:
      draft.when === "call"
        ? { kind: "call" }
        : draft.when === "cron"
          ? { kind: "cron", pattern: draft.pattern }
          : { kind: "date", field: draft.field, days, at: draft.at },
    time_zone: draft.zone || null,
    clock: draft.when === "date" && draft.ownClock ? "contact" : "organisation",
    fallback: [...draft.channels],
    starts_at: micros(draft.from),
    ends_at: micros(draft.until),
  };
}

function matchOf({ field, text, not }: Match, fields: readonly Field[]): Schemas["NotificationMatch"] {
  return { field, is: compared(text, fields.find((one) => one.key === field)), not };
}

/** What stands in each gap of the preview: what is always the same as it is, everything else by what it will be. */
export function previewValues(
  draft: Draft,
  template: Template,
  fields: readonly Field[],
  word: (origin: "contact_name" | "contact_phone" | "external_id") => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    gaps(template).map((gap) => {
      const { origin, text, otherwise } = draft.fillings[gap.id] ?? usualFilling(gap.id);
      if (origin === "text") return [gap.id, text || otherwise];
      if (origin === "file") return [gap.id, ""];
      if (origin === "given") return [gap.id, text && `‹${text}›`];
      if (origin.startsWith("field:")) {
        const label = fields.find((field) => `field:${field.key}` === origin)?.label;
        return [gap.id, `‹${label ?? origin.slice("field:".length)}›`];
      }
      return [gap.id, `‹${word(origin as "contact_name")}›`];
    }),
  );
}
