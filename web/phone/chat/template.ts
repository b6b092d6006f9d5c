/** A template message as its reader sees it: the approved template, filled with what was sent. */
import type { Template, Wire } from "../api/types";
import { at, list, number, object, text } from "./wire";

export interface TemplateButton {
  /** `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, `COPY_CODE`, `OTP`, `FLOW`, `CATALOG`, `MPM`, …. */
  type: string;
  text: string;
  /** What a quick reply answers with. */
  choice: string;
  url?: string;
  phone?: string;
  code?: string;
}

export interface TemplateView {
  header?: { format: string; text: string; media?: Wire | undefined };
  body: string;
  footer: string;
  buttons: TemplateButton[];
  cards: TemplateView[];
}

const is = (component: Wire, key: string, name: string) => text(component, key).toUpperCase() === name;

/** Fills in a template. */
export function filled(template: Template, content: unknown): TemplateView {
  return view(template.components, list(content, "components"));
}

function view(components: readonly Wire[], given: readonly Wire[]): TemplateView {
  const found: TemplateView = { body: "", footer: "", buttons: [], cards: [] };
  for (const component of components) {
    const parameters = list(
      given.find((one) => is(one, "type", text(component, "type").toUpperCase())),
      "parameters",
    );
    if (is(component, "type", "HEADER")) found.header = header(component, parameters);
    if (is(component, "type", "BODY")) found.body = fill(text(component, "text") || preset(component), parameters);
    if (is(component, "type", "FOOTER")) found.footer = text(component, "text") || expiry(component);
    if (is(component, "type", "BUTTONS")) {
      found.buttons = list(component, "buttons").map((one, index) => button(one, index, given));
    }
    if (is(component, "type", "CAROUSEL")) {
      const cards = list(given.find((one) => is(one, "type", "CAROUSEL")), "cards");
      found.cards = list(component, "cards").map((card, index) => {
        const sent = cards.find((one) => number(one, "card_index") === index) ?? cards[index];
        return view(list(card, "components"), list(sent, "components"));
      });
    }
  }
  return found;
}

function header(component: Wire, parameters: readonly Wire[]): NonNullable<TemplateView["header"]> {
  const format = text(component, "format").toUpperCase();
  const first = parameters[0];
  const kind = text(first, "type");
  return { format, text: fill(text(component, "text"), parameters), media: object(first, kind) };
}

/** Authentication templates have no text of their own; WhatsApp's stands in. */
function preset(component: Wire): string {
  const advice = at(component, "add_security_recommendation") === true;
  return `*{{1}}* is your verification code.${advice ? " For your security, do not share this code." : ""}`;
}

function expiry(component: Wire): string {
  const minutes = number(component, "code_expiration_minutes");
  return minutes === undefined ? "" : `This code expires in ${minutes} minutes.`;
}

function button(it: Wire, index: number, given: readonly Wire[]): TemplateButton {
  const sent = given.find((one) => is(one, "type", "BUTTON") && number(one, "index") === index);
  const value = text(sent, "parameters", 0, "text");
  const label = text(it, "text");
  return {
    type: text(it, "type").toUpperCase(),
    text: label,
    choice: text(sent, "parameters", 0, "payload") || label,
    url: text(it, "url").replace(/\{\{[^}]+\}\}/, value),
    phone: text(it, "phone_number"),
    code: text(sent, "parameters", 0, "coupon_code") || value || text(it, "example", 0),
  };
}

/** `{{1}}` by place, `{{name}}` by name. */
function fill(pattern: string, parameters: readonly Wire[]): string {
  return pattern.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (hole, name: string) => {
    const parameter = /^\d+$/.test(name)
      ? parameters[Number(name) - 1]
      : parameters.find((one) => text(one, "parameter_name") === name);
    return parameter ? said(parameter) : hole;
  });
}

function said(parameter: Wire): string {
  const kind = text(parameter, "type");
  return kind === "text" ? text(parameter, "text") : text(parameter, kind, "fallback_value");
}
