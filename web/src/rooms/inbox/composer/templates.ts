/** Templates: what they ask for, and how they look filled in. */
import type { Schemas } from "@/api/client";
import type { Tappable } from "../thread/content";

/** A template as Meta approved it. */
export type Template = Schemas["Template"];

/** Something that a template asks for. */
export interface Gap {
  /** Names the gap in the form. */
  id: string;
  part: "header" | "body" | "button";
  /** As the template writes it: `1`, `customer_name`; the button's label. */
  name: string;
  /** What Meta was shown as an example. */
  example: string;
  kind: "text" | "image" | "video" | "document" | "location" | "code";
  /** The button's position. */
  button?: number;
  buttonType?: "url" | "copy_code" | "quick_reply";
}

/** A template filled in, as the phone shows it. */
export interface Filled {
  header: { text: string } | { media: "image" | "video" | "document" | "location"; link: string | null } | null;
  body: string;
  footer: string | null;
  taps: Tappable[];
  /** The name of an offer that ends. */
  offer?: string | null;
  /** Cards to leaf through. */
  cards?: Filled[];
}

/** What of a template its look needs. */
type Looks = Pick<Template, "components">;

type Json = Record<string, unknown>;
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string => (typeof value === "string" ? value : "");

const GAP = /\{\{\s*([\w.]+)\s*\}\}/g;

function part(template: Looks, type: string): Json | null {
  const found = list(template.components).find((one) => string(object(one).type).toUpperCase() === type);
  return found ? object(found) : null;
}

function buttons(template: Looks): Json[] {
  return list(part(template, "BUTTONS")?.buttons).map(object);
}

/** The names of the gaps of a text, each once. */
function names(text: string): string[] {
  return [...new Set([...text.matchAll(GAP)].map((match) => match[1] ?? ""))];
}

/** The examples that Meta was shown for a text: by position, or by name. */
function example(component: Json, name: string, at: number): string {
  const { body_text, header_text, body_text_named_params, header_text_named_params } = object(component.example);
  const named = list(body_text_named_params ?? header_text_named_params).map(object);
  const found = named.find((one) => one.param_name === name);
  if (found) return string(found.example);
  const positions = list(body_text)[0] ?? header_text;
  return string(list(positions)[at]);
}

/** Everything that a template asks for, in the order of reading. */
export function gaps(template: Template): Gap[] {
  return [...headerGaps(template), ...bodyGaps(template), ...buttonGaps(template)];
}

function headerGaps(template: Template): Gap[] {
  const header = part(template, "HEADER");
  if (!header) return [];
  const format = string(header.format).toLowerCase();
  if (format === "image" || format === "video" || format === "document" || format === "location") {
    return [{ id: "header", part: "header", name: format, example: "", kind: format }];
  }
  return names(string(header.text)).map((name, at) => ({
    id: `header.${name}`,
    part: "header",
    name,
    example: example(header, name, at),
    kind: "text",
  }));
}

function bodyGaps(template: Template): Gap[] {
  const body = part(template, "BODY");
  if (!body) return [];
  return names(string(body.text)).map((name, at) => ({
    id: `body.${name}`,
    part: "body",
    name,
    example: example(body, name, at),
    kind: "text",
  }));
}

function buttonGaps(template: Template): Gap[] {
  return buttons(template).flatMap((button, at): Gap[] => {
    const base = { id: `button.${at}`, part: "button" as const, name: string(button.text), button: at };
    const shown = string(list(button.example)[0] ?? button.example);
    switch (string(button.type).toUpperCase()) {
      case "URL": {
        const url = string(button.url);
        const suffix = shown.startsWith(beforeGap(url)) ? shown.slice(beforeGap(url).length) : shown;
        return names(url).length > 0 ? [{ ...base, example: suffix, kind: "text", buttonType: "url" }] : [];
      }
      case "COPY_CODE":
        return [{ ...base, example: shown, kind: "code", buttonType: "copy_code" }];
      default:
        return [];
    }
  });
}

function beforeGap(url: string): string {
  return url.slice(0, url.search(/\{\{/));
}

/** What was filled in, by the ids of the gaps. */
export type Values = Readonly<Record<string, string>>;

/** What is sent: the parts with gaps, in Meta's form. */
export function components(template: Template, values: Values): Record<string, never>[] {
  const isNamed = template.parameter_format === "NAMED";
  const text = (gap: Gap) => ({
    type: "text",
    text: values[gap.id] ?? "",
    ...(isNamed && gap.part !== "button" ? { parameter_name: gap.name } : {}),
  });
  const asked = gaps(template);
  const header = asked.filter((gap) => gap.part === "header");
  const body = asked.filter((gap) => gap.part === "body");
  const parts: unknown[] = [];
  const [media] = header.filter((gap) => gap.kind !== "text");
  if (media) parts.push({ type: "header", parameters: [mediaParameter(media, values)] });
  else if (header.length > 0) parts.push({ type: "header", parameters: header.map(text) });
  if (body.length > 0) parts.push({ type: "body", parameters: body.map(text) });
  for (const gap of asked.filter((one) => one.part === "button")) {
    const parameter = gap.kind === "code" ? { type: "coupon_code", coupon_code: values[gap.id] ?? "" } : text(gap);
    parts.push({ type: "button", sub_type: gap.buttonType, index: String(gap.button), parameters: [parameter] });
  }
  return parts as Record<string, never>[];
}

function mediaParameter(gap: Gap, values: Values): unknown {
  const value = values[gap.id] ?? "";
  if (gap.kind !== "location") return { type: gap.kind, [gap.kind]: { link: value } };
  const [latitude = "", longitude = ""] = value.split(",").map((one) => one.trim());
  return { type: "location", location: { latitude, longitude } };
}

/** A template with these values, as the phone shows it. Gaps that are still open stay visible. */
export function filled(template: Looks, values: Values): Filled {
  const fill = (text: string, where: string) =>
    text.replace(GAP, (gap, name: string) => (values[`${where}.${name}`] ?? "").trim() || gap);
  const header = part(template, "HEADER");
  const format = string(header?.format).toLowerCase();
  const isMedia = format === "image" || format === "video" || format === "document" || format === "location";
  const taps = buttons(template).map((button, at): Tappable => {
    const url = string(button.url).replace(GAP, values[`button.${at}`] ?? "");
    const label = string(button.text);
    switch (string(button.type).toUpperCase()) {
      case "URL":
        return { label, kind: "url", href: url };
      case "PHONE_NUMBER":
        return { label, kind: "phone" };
      case "COPY_CODE":
      case "OTP":
        return { label, kind: "copy" };
      case "QUICK_REPLY":
        return { label, kind: "reply" };
      default:
        return { label, kind: "other" };
    }
  });
  return {
    header: !header ? null : isMedia ? { media: format, link: values.header ?? null } : { text: fill(string(header.text), "header") },
    body: fill(string(part(template, "BODY")?.text), "body"),
    footer: string(part(template, "FOOTER")?.text) || null,
    taps,
    offer: string(object(part(template, "LIMITED_TIME_OFFER")?.limited_time_offer).text) || null,
    cards: list(part(template, "CAROUSEL")?.cards).map((card) => filled(object(card) as unknown as Looks, {})),
  };
}

/** The values that a sent message filled in, read back from Meta's form. */
export function valuesOf(template: Template, sent: readonly unknown[]): Values {
  const values: Record<string, string> = {};
  for (const component of sent.map(object)) {
    const where = string(component.type).toLowerCase();
    const asked = gaps(template).filter((gap) => gap.part === where);
    list(component.parameters)
      .map(object)
      .forEach((parameter, at) => {
        const gap =
          where === "button"
            ? asked.find((one) => one.button === Number(component.index))
            : (asked.find((one) => one.name === parameter.parameter_name) ?? asked[at]);
        if (!gap) return;
        const media = object(parameter[string(parameter.type)]);
        values[gap.id] = string(parameter.text) || string(parameter.coupon_code) || string(media.link);
      });
  }
  return values;
}

/** The purpose that the rules judge a template by. */
export function purposeOf(template: Template): Exclude<keyof Schemas["MaySend"], "free_form"> {
  const category = template.category.toUpperCase();
  if (category === "UTILITY") return "utility_template";
  return category === "AUTHENTICATION" ? "authentication_template" : "marketing_template";
}

/** Why a template may not be sent: a word of ours, or a sentence of the rules. */
export type Refusal = "waiting" | "rejected" | "paused" | "stopped" | NonNullable<Schemas["SendVerdict"]["explanation"]>;

/** Meta: message templates, status, 2026-09. */
const STATUSES: Readonly<Record<string, Refusal>> = {
  PENDING: "waiting",
  IN_APPEAL: "waiting",
  REJECTED: "rejected",
  PAUSED: "paused",
};

/** Why a template may not be sent now; `null` where it may. What lies with the template comes first. */
export function refusal(template: Template, maySend: Schemas["MaySend"]): Refusal | null {
  if (template.status !== "APPROVED") return STATUSES[template.status] ?? "stopped";
  const { verdict, explanation } = maySend[purposeOf(template)];
  return verdict === "refuse" ? (explanation ?? "stopped") : null;
}
