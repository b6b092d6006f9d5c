/** What a form of a channel asks for, and how that becomes what the server takes. */
import type { Channel, Setup, Way } from "./queries";

export type Provider = Way["provider"];

/** Who may carry which channel. */
export const PROVIDERS: Record<Channel, readonly Provider[]> = {
  email: ["smtp", "operator"],
  sms: ["twilio", "http", "smpp"],
};

/** Every field of every provider, flat: a form keeps what was typed when somebody looks at another provider. */
export interface Fields {
  provider: Provider;
  secret: string;
  host: string;
  port: number;
  encryption: "tls" | "starttls" | "none";
  tls: boolean;
  user: string;
  from: string;
  reply_to: string;
  account_sid: string;
  messaging_service_sid: string;
  base_url: string;
  method: "get" | "post" | "put";
  url: string;
  headers: string;
  body_kind: "json" | "form" | "text";
  body: string;
  success_at: string;
  success_is: string;
  reference_at: string;
  reason_at: string;
  status_at: string;
  delivered_is: string;
  failed_is: string;
  inbound_from_at: string;
  inbound_text_at: string;
  system_id: string;
  system_type: string;
}

const EMPTY: Omit<Fields, "provider"> = {
  secret: "",
  host: "",
  port: 587,
  encryption: "starttls",
  tls: false,
  user: "",
  from: "",
  reply_to: "",
  account_sid: "",
  messaging_service_sid: "",
  base_url: "",
  method: "post",
  url: "",
  headers: "Authorization: Bearer {{ secret }}",
  body_kind: "json",
  body: '{"to": {{ to }}, "from": {{ from }}, "text": {{ text }}}',
  success_at: "",
  success_is: "",
  reference_at: "",
  reason_at: "",
  status_at: "",
  delivered_is: "",
  failed_is: "",
  inbound_from_at: "",
  inbound_text_at: "",
  system_id: "",
  system_type: "",
};

/** What a form begins with. */
export function begin(channel: Channel, setup?: Setup): Fields {
  const way = setup?.way;
  const provider = way?.provider ?? (channel === "email" ? "smtp" : "twilio");
  const usual = { ...EMPTY, provider, port: provider === "smpp" ? 2775 : 587 };
  if (!way) return usual;
  const known = Object.entries(way).filter(([name, value]) => name in usual && name !== "headers" && value !== null && value !== undefined);
  return { ...usual, ...Object.fromEntries(known), ...(way.provider === "http" ? lists(way) : {}) };
}

/** What has several values stands in one field. */
function lists({ headers, delivered_is, failed_is }: Extract<Way, { provider: "http" }>) {
  return { headers: written(headers ?? []), delivered_is: (delivered_is ?? []).join(", "), failed_is: (failed_is ?? []).join(", ") };
}

function written(headers: readonly { name: string; value: string }[]): string {
  return headers.map(({ name, value }) => `${name}: ${value}`).join("\n");
}

/** One header a line. */
export function headersOf(text: string): { name: string; value: string }[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [name = "", ...value] = line.split(":");
      return { name: name.trim(), value: value.join(":").trim() };
    });
}

/** Words between commas. */
const words = (text: string) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);

const some = (text: string) => text.trim() || undefined;

/** What the server takes. */
export function wayOf(fields: Fields): Way {
  switch (fields.provider) {
    case "smtp":
      return {
        provider: "smtp",
        host: fields.host.trim(),
        port: fields.port,
        encryption: fields.encryption,
        user: some(fields.user),
        from: fields.from.trim(),
        reply_to: some(fields.reply_to),
      };
    case "operator":
      return { provider: "operator", reply_to: some(fields.reply_to) };
    case "twilio":
      return {
        provider: "twilio",
        account_sid: fields.account_sid.trim(),
        from: some(fields.from),
        messaging_service_sid: some(fields.messaging_service_sid),
        base_url: some(fields.base_url),
      };
    case "http":
      return {
        provider: "http",
        method: fields.method,
        url: fields.url.trim(),
        headers: headersOf(fields.headers),
        body_kind: fields.body_kind,
        body: fields.method === "get" ? "" : fields.body,
        from: fields.from.trim(),
        success_at: some(fields.success_at),
        success_is: some(fields.success_is),
        reference_at: some(fields.reference_at),
        reason_at: some(fields.reason_at),
        status_at: some(fields.status_at),
        delivered_is: words(fields.delivered_is),
        failed_is: words(fields.failed_is),
        inbound_from_at: some(fields.inbound_from_at),
        inbound_text_at: some(fields.inbound_text_at),
      };
    case "smpp":
      return {
        provider: "smpp",
        host: fields.host.trim(),
        port: fields.port,
        tls: fields.tls,
        system_id: fields.system_id.trim(),
        system_type: some(fields.system_type),
        from: fields.from.trim(),
      };
  }
}
