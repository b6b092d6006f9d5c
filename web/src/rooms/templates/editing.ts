/** A template as the editor holds it, and as the API takes it. */
import type { Content, Draft, Fault } from "./queries";

type Json = Record<string, unknown>;

/** What stands above the text. */
export const HEADER_KINDS = ["NONE", "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"] as const;
export type HeaderKind = (typeof HEADER_KINDS)[number];

export interface Header {
  kind: HeaderKind;
  text: string;
  /** `media:` and the id of an uploaded file. */
  sample: string;
}

/** The buttons that can be put on a template. */
export const BUTTON_KINDS = [
  "QUICK_REPLY",
  "URL",
  "PHONE_NUMBER",
  "COPY_CODE",
  "FLOW",
  "CATALOG",
  "MPM",
  "SPM",
  "VOICE_CALL",
  "REQUEST_CONTACT_INFO",
  "ORDER_DETAILS",
] as const;
export type ButtonKind = (typeof BUTTON_KINDS)[number];

export interface Button {
  kind: ButtonKind;
  label: string;
  /** An address, a number, a code, or the id of a flow. */
  value: string;
  /** A whole address, where there is a gap. */
  example: string;
}

export interface Card {
  header: Header;
  body: string;
  buttons: Button[];
}

/** A one-time code's template: its words are Meta's. */
export interface Code {
  advice: boolean;
  minutes: number | "";
  kind: "COPY_CODE" | "ONE_TAP" | "ZERO_TAP";
  packageName: string;
  signature: string;
  terms: boolean;
}

export interface Editing {
  account: string;
  name: string;
  language: string;
  category: Content["category"];
  header: Header;
  body: string;
  footer: string;
  /** The name of an offer that ends; `null`: it is none. */
  offer: string | null;
  buttons: Button[];
  /** `null`: there are none. */
  cards: Card[] | null;
  code: Code;
  /** By the gap's name, `header.` before those of the header. */
  examples: Readonly<Record<string, string>>;
  ttl: number | null;
}

const NO_HEADER: Header = { kind: "NONE", text: "", sample: "" };
const NO_CODE: Code = { advice: true, minutes: 10, kind: "COPY_CODE", packageName: "", signature: "", terms: false };

export const newButton = (kind: ButtonKind): Button => ({ kind, label: "", value: "", example: "" });
export const newCard = (): Card => ({ header: { ...NO_HEADER, kind: "IMAGE" }, body: "", buttons: [newButton("QUICK_REPLY")] });

const GAP = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The gaps of a text, each once. */
export function gapsOf(text: string): string[] {
  return [...new Set([...text.matchAll(GAP)].map((match) => match[1] ?? ""))];
}

/** Whether a template's gaps have names. */
export function isNamed(editing: Pick<Editing, "body" | "header">): boolean {
  return [...gapsOf(editing.body), ...gapsOf(editing.header.text)].some((gap) => !/^\d+$/.test(gap));
}

/** The next gap to be put into a text. */
export function nextGap(text: string): string {
  const numbers = gapsOf(text).map(Number).filter(Number.isInteger);
  return `{{${Math.max(0, ...numbers) + 1}}}`;
}

/** Where each part of the editor stands among the parts of the template, for what is said of them. */
export interface Places {
  header?: number;
  offer?: number;
  body?: number;
  footer?: number;
  buttons?: number;
  carousel?: number;
}

function headerPart(header: Header, named: boolean, examples: Editing["examples"]): Json | null {
  if (header.kind === "NONE") return null;
  if (header.kind === "LOCATION") return { type: "HEADER", format: "LOCATION" };
  if (header.kind !== "TEXT") {
    return { type: "HEADER", format: header.kind, example: { header_handle: header.sample ? [header.sample] : [] } };
  }
  const gaps = gapsOf(header.text);
  const of = (gap: string) => examples[`header.${gap}`] ?? "";
  const named_params = gaps.map((gap) => ({ param_name: gap, example: of(gap) }));
  const example = named ? { header_text_named_params: named_params } : { header_text: gaps.map(of) };
  return { type: "HEADER", format: "TEXT", text: header.text, ...(gaps.length > 0 ? { example } : {}) };
}

function bodyPart(text: string, named: boolean, examples: Editing["examples"]): Json {
  const gaps = gapsOf(text);
  const of = (gap: string) => examples[gap] ?? "";
  const named_params = gaps.map((gap) => ({ param_name: gap, example: of(gap) }));
  const example = named ? { body_text_named_params: named_params } : { body_text: [gaps.map(of)] };
  return { type: "BODY", text, ...(gaps.length > 0 ? { example } : {}) };
}

function buttonPart({ kind, label, value, example }: Button): Json {
  switch (kind) {
    case "URL":
      return { type: kind, text: label, url: value, ...(gapsOf(value).length > 0 ? { example: [example] } : {}) };
    case "PHONE_NUMBER":
      return { type: kind, text: label, phone_number: value };
    case "COPY_CODE":
      return { type: kind, example: value };
    case "FLOW":
      return { type: kind, text: label, ...(value ? { flow_id: value } : {}) };
    case "REQUEST_CONTACT_INFO":
      return { type: kind };
    default:
      return { type: kind, text: label };
  }
}

function codeParts({ advice, minutes, kind, packageName, signature, terms }: Code): Json[] {
  const apps = kind === "COPY_CODE" ? {} : { supported_apps: [{ package_name: packageName, signature_hash: signature }] };
  const accepted = kind === "ZERO_TAP" ? { zero_tap_terms_accepted: terms } : {};
  return [
    { type: "BODY", add_security_recommendation: advice },
    ...(minutes === "" ? [] : [{ type: "FOOTER", code_expiration_minutes: minutes }]),
    { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: kind, ...apps, ...accepted }] },
  ];
}

/** The parts in Meta's form, and where each stands. */
export function partsOf(editing: Editing): { parts: Json[]; places: Places } {
  if (editing.category === "AUTHENTICATION") {
    const parts = codeParts(editing.code);
    return { parts, places: { body: 0, footer: parts.length > 2 ? 1 : undefined, buttons: parts.length - 1 } };
  }
  const named = isNamed(editing);
  const parts: Json[] = [];
  const places: Places = {};
  const put = (place: keyof Places, part: Json | null) => {
    if (!part) return;
    places[place] = parts.length;
    parts.push(part);
  };
  put("header", headerPart(editing.header, named, editing.examples));
  const offer = editing.offer;
  put("offer", offer === null ? null : { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: offer, has_expiration: true } });
  put("body", bodyPart(editing.body, named, editing.examples));
  put("footer", editing.footer ? { type: "FOOTER", text: editing.footer } : null);
  put("buttons", editing.buttons.length > 0 ? { type: "BUTTONS", buttons: editing.buttons.map(buttonPart) } : null);
  put("carousel", editing.cards && { type: "CAROUSEL", cards: editing.cards.map((card) => ({ components: cardParts(card) })) });
  return { parts, places };
}

function cardParts(card: Card): Json[] {
  const header = headerPart(card.header, false, {});
  return [
    ...(header ? [header] : []),
    ...(card.body ? [{ type: "BODY", text: card.body }] : []),
    { type: "BUTTONS", buttons: card.buttons.map(buttonPart) },
  ];
}

/** What the API takes. */
export function contentOf(editing: Editing): Content {
  return {
    account_id: editing.account,
    name: editing.name,
    language: editing.language,
    category: editing.category,
    parameter_format: isNamed(editing) ? "NAMED" : "POSITIONAL",
    components: partsOf(editing).parts as Record<string, never>[],
    ttl_seconds: editing.ttl,
  };
}

const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string => (typeof value === "string" ? value : "");

function readHeader(part: Json): Header {
  const kind = (string(part.format) || "NONE") as HeaderKind;
  return { kind, text: string(part.text), sample: string(list(object(part.example).header_handle)[0]) };
}

function readButton(value: unknown): Button {
  const button = object(value);
  const kind = BUTTON_KINDS.find((one) => one === button.type) ?? "QUICK_REPLY";
  const example = string(list(button.example)[0] ?? button.example);
  const values: Partial<Record<ButtonKind, unknown>> = {
    URL: button.url,
    PHONE_NUMBER: button.phone_number,
    COPY_CODE: example,
    FLOW: button.flow_id,
  };
  return { kind, label: string(button.text), value: string(values[kind]), example };
}

function readExamples(part: Json, before: string): Record<string, string> {
  const example = object(part.example);
  const named = list(example.body_text_named_params ?? example.header_text_named_params).map(object);
  const placed = list(example.header_text ?? list(example.body_text)[0]);
  const gaps = gapsOf(string(part.text));
  return Object.fromEntries([
    ...named.map((one) => [before + string(one.param_name), string(one.example)] as const),
    ...placed.map((one, at) => [before + (gaps[at] ?? String(at + 1)), string(one)] as const),
  ]);
}

function readCard(value: unknown): Card {
  const parts = list(object(value).components).map(object);
  const of = (type: string) => parts.find((part) => part.type === type);
  return {
    header: readHeader(of("HEADER") ?? {}),
    body: string(of("BODY")?.text),
    buttons: list(of("BUTTONS")?.buttons).map(readButton),
  };
}

function readCode(parts: readonly Json[]): Code {
  const of = (type: string) => parts.find((part) => part.type === type);
  const otp = object(list(of("BUTTONS")?.buttons)[0]);
  const app = object(list(otp.supported_apps)[0]);
  const minutes = of("FOOTER")?.code_expiration_minutes;
  const kind = string(otp.otp_type);
  return {
    advice: of("BODY")?.add_security_recommendation === true,
    minutes: typeof minutes === "number" ? minutes : "",
    kind: kind === "ONE_TAP" || kind === "ZERO_TAP" ? kind : "COPY_CODE",
    packageName: string(app.package_name),
    signature: string(app.signature_hash),
    terms: otp.zero_tap_terms_accepted === true,
  };
}

/** A stored draft as the editor holds it. */
export function editingOf(draft: Draft): Editing {
  const parts = list(draft.components).map(object);
  const of = (type: string) => parts.find((part) => string(part.type).toUpperCase() === type);
  const header = of("HEADER");
  const body = of("BODY");
  const carousel = of("CAROUSEL");
  const offer = of("LIMITED_TIME_OFFER");
  const category = draft.category as Editing["category"];
  return {
    account: draft.account_id,
    name: draft.name,
    language: draft.language,
    category,
    header: header ? readHeader(header) : NO_HEADER,
    body: category === "AUTHENTICATION" ? "" : string(body?.text),
    footer: category === "AUTHENTICATION" ? "" : string(of("FOOTER")?.text),
    offer: offer ? string(object(offer.limited_time_offer).text) : null,
    buttons: category === "AUTHENTICATION" ? [] : list(of("BUTTONS")?.buttons).map(readButton),
    cards: carousel ? list(carousel.cards).map(readCard) : null,
    code: category === "AUTHENTICATION" ? readCode(parts) : NO_CODE,
    examples: { ...(header ? readExamples(header, "header.") : {}), ...(body ? readExamples(body, "") : {}) },
    ttl: draft.ttl_seconds ?? null,
  };
}

/** The name that a word or two make: small letters, digits and underscores. */
export function nameOf(words: string): string {
  return words
    .toLowerCase()
    .normalize("NFD")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+/, "");
}

/** What is said of a field; of a part also what is said of the part as a whole. */
export function faultsOf(faults: readonly Fault[], field: string): readonly Fault[] {
  return faults.filter((fault) => fault.field === field);
}
