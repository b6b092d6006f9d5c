/**
 * What a message says, read from the words of Meta that it is kept in: inbound messages and the business's own have
 * different shapes there, and one here.
 */
import type { Schemas } from "@/api/client";
import type { Message } from "./stretch";

/** A file of a message. */
export interface FileShown {
  id: string | null;
  url: string | null;
  state: Schemas["MediaFile"]["state"];
  mime: string;
  name: string | null;
  size: number | null;
  problem: unknown;
  /** It in small, how large it is shown, and what stands in for it until it is there. */
  thumbnail: string | null;
  width: number | null;
  height: number | null;
  placeholder: string | null;
  /** How long it lasts, in seconds, and how loud it is along the way. */
  seconds: number | null;
  waveform: number[] | null;
}

/** A card. */
export interface CardShown {
  name: string;
  organisation: string | null;
  phones: string[];
  emails: string[];
}

/** Something to tap, as it looks on the phone. */
export interface Tappable {
  label: string;
  kind: "reply" | "url" | "phone" | "copy" | "list" | "location" | "contact" | "other";
  href?: string;
}

/** Rows to choose from. */
export interface ChoiceSection {
  title: string | null;
  rows: { title: string; description: string | null }[];
}

/** What a message says. */
export type Said =
  | { type: "text"; text: string }
  | { type: "file"; kind: "image" | "video" | "audio" | "document" | "sticker"; file: FileShown; caption: string; voice: boolean }
  | { type: "location"; latitude: number; longitude: number; name: string | null; address: string | null }
  | { type: "cards"; cards: CardShown[] }
  | { type: "interactive"; header: string | null; body: string; footer: string | null; taps: Tappable[]; sections: ChoiceSection[] }
  | { type: "choice"; title: string; description: string | null }
  | { type: "form"; fields: [name: string, value: string][] }
  | { type: "template"; name: string; language: string; components: unknown[] }
  | { type: "order"; text: string; items: { name: string; quantity: number; price: number | null; currency: string | null }[] }
  | { type: "system"; text: string }
  | { type: "unsupported"; what: string | null }
  | { type: "reaction"; emoji: string }
  | { type: "unknown"; what: string };

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const number = (value: unknown): number | null => {
  const read = typeof value === "string" ? Number.parseFloat(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read : null;
};

const FILES = ["image", "video", "audio", "document", "sticker"] as const;
type FileKind = (typeof FILES)[number];
const isFile = (kind: string): kind is FileKind => FILES.includes(kind as FileKind);

/** What a message says. */
export function said(message: Message, org: string): Said {
  const content = object(message.content);
  // A correction holds what the message says now.
  const inner = message.kind === "edit" ? object(content.content) : content;
  const kind = message.kind === "edit" ? editedKind(inner) : message.kind;
  if (isFile(kind)) return file(message, kind, inner, org);
  switch (kind) {
    case "text":
      return { type: "text", text: string(inner.body) ?? string(object(inner.text).body) ?? message.body };
    case "location":
      return location(object(inner.location ?? inner));
    case "contacts":
      return { type: "cards", cards: list(inner.cards ?? inner.contacts).map(card) };
    case "reaction":
      return { type: "reaction", emoji: string(object(inner.reaction).emoji) ?? string(inner.emoji) ?? "" };
    case "button":
      return { type: "choice", title: string(inner.text) ?? message.body, description: null };
    case "interactive":
      return "interactive" in inner ? interactive(object(inner.interactive)) : reply(inner, message.body);
    case "template":
      return template(object(inner.template));
    case "order":
      return order(inner);
    case "system":
      return { type: "system", text: string(inner.body) ?? message.body };
    case "unsupported":
      return { type: "unsupported", what: string(inner.what) };
    default:
      return { type: "unknown", what: string(inner.what) ?? kind };
  }
}

function editedKind(inner: Json): string {
  return inner.type === "media" ? (string(inner.kind) ?? "unknown") : (string(inner.type) ?? "unknown");
}

function file(message: Message, kind: FileKind, inner: Json, org: string): Said {
  const sent = object(inner[kind]);
  const caption = string(inner.caption) ?? string(sent.caption) ?? "";
  const voice = (inner.voice ?? sent.voice) === true;
  const name = string(inner.filename) ?? string(sent.filename);
  const [came] = message.media;
  const own = string(inner.media_id);
  const shown: FileShown = came
    ? {
        ...came,
        url: came.url ?? null,
        name: came.file_name ?? name,
        size: came.size ?? null,
        problem: came.problem,
        thumbnail: came.thumbnail_url ?? null,
        width: came.width ?? null,
        height: came.height ?? null,
        placeholder: came.placeholder ?? null,
        seconds: came.duration_ms == null ? null : came.duration_ms / 1000,
        waveform: came.waveform ?? null,
      }
    : {
        id: own,
        url: own ? `/api/v1/orgs/${org}/media/${own}` : string(sent.link),
        state: own ?? string(sent.link) ? "stored" : "pending",
        mime: string(inner.mime) ?? "",
        name,
        size: null,
        problem: null,
        thumbnail: null,
        width: null,
        height: null,
        placeholder: null,
        seconds: null,
        waveform: null,
      };
  return { type: "file", kind, file: shown, caption, voice };
}

function location(place: Json): Said {
  const [latitude, longitude] = [number(place.latitude) ?? 0, number(place.longitude) ?? 0];
  return { type: "location", latitude, longitude, name: string(place.name), address: string(place.address) };
}

function card(value: unknown): CardShown {
  const one = object(value);
  const phones = list(one.phones).map((phone) => string(object(phone).phone) ?? string(object(phone).wa_id));
  const emails = list(one.emails).map((email) => string(email) ?? string(object(email).email));
  return {
    name: string(one.name) ?? string(object(one.name).formatted_name) ?? "",
    organisation: string(one.organisation) ?? string(object(one.org).company),
    phones: phones.filter((phone) => phone !== null),
    emails: emails.filter((email) => email !== null),
  };
}

function interactive(value: Json): Said {
  const action = object(value.action);
  const header = object(value.header);
  const sections = list(action.sections).map((section): ChoiceSection => ({
    title: string(object(section).title),
    rows: list(object(section).rows).map((row) => ({
      title: string(object(row).title) ?? "",
      description: string(object(row).description),
    })),
  }));
  return {
    type: "interactive",
    header: string(header.text),
    body: string(object(value.body).text) ?? "",
    footer: string(object(value.footer).text),
    taps: taps(string(value.type) ?? "", action),
    sections,
  };
}

function taps(type: string, action: Json): Tappable[] {
  switch (type) {
    case "button":
      return list(action.buttons).map((button) => ({ label: string(object(object(button).reply).title) ?? "", kind: "reply" }));
    case "list":
      return [{ label: string(action.button) ?? "", kind: "list" }];
    case "cta_url": {
      const { display_text: label, url } = object(action.parameters);
      return [{ label: string(label) ?? "", kind: "url", href: string(url) ?? undefined }];
    }
    case "location_request_message":
      return [{ label: "", kind: "location" }];
    case "request_contact_info":
      return [{ label: "", kind: "contact" }];
    default:
      return [];
  }
}

function reply(inner: Json, body: string): Said {
  if (inner.type === "flow_reply") return { type: "form", fields: formFields(string(inner.response_json)) };
  return { type: "choice", title: string(inner.title) ?? body, description: string(inner.description) };
}

function formFields(json: string | null): [string, string][] {
  try {
    const fields = Object.entries(object(JSON.parse(json ?? "{}"))).filter(([name]) => name !== "flow_token");
    return fields.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  } catch {
    return [];
  }
}

function template(value: Json): Said {
  return {
    type: "template",
    name: string(value.name) ?? "",
    language: string(object(value.language).code) ?? "",
    components: list(value.components),
  };
}

function order(inner: Json): Said {
  const items = list(inner.items).map((value) => {
    const item = object(value);
    return {
      name: string(item.retailer_id) ?? "",
      quantity: number(item.quantity) ?? 1,
      price: number(item.price),
      currency: string(item.currency),
    };
  });
  return { type: "order", text: string(inner.text) ?? "", items };
}

/** Whether Meta says that it was passed on. */
export function isForwarded(message: Message): boolean {
  const context = object(object(message.content).context);
  return context.forwarded === true || context.frequently_forwarded === true;
}

/** How many sources an answer of the AI was made from; what was considered and not used is none of them. */
export function usedSources(answer: Message["answer"]): number {
  const used = (answer?.passages ?? []).map(object).filter((passage) => passage.used === true);
  return new Set(used.map((passage) => passage.source_id)).size;
}
