/**
 * What the dialog's window says to the page that opened it. All of it is a hint: it tells the person how things stand,
 * and the server finds out by itself what is true.
 */

/** What a message of the dialog means for whoever waits for it. */
export type Said =
  | { kind: "finished" }
  | { kind: "cancelled"; step: string | null }
  | { kind: "failed"; message: string | null; code: string | null };

/**
 * Whether a message comes from the dialog. Scheme and host are compared, not the end of the text, which
 * `https://evilfacebook.com` would pass; `https://*.facebook.com` means that host and every one below it.
 */
export function isFromDialog(origin: string, allowed: readonly string[]): boolean {
  const sender = parsed(origin);
  if (!sender) return false;
  return allowed.some((one) => {
    const wanted = parsed(one.replace("://*.", "://"));
    if (wanted?.protocol !== sender.protocol || wanted.port !== sender.port) return false;
    const below = one.includes("://*.") && sender.hostname.endsWith(`.${wanted.hostname}`);
    return below || sender.hostname === wanted.hostname;
  });
}

function parsed(origin: string): URL | null {
  return URL.canParse(origin) ? new URL(origin) : null;
}

/**
 * Reads a message: text or object, known names in any case. `null`: it is not about the sign-up, or of a kind that says
 * nothing; such messages, among them the SDK's own with the code in it, go nowhere.
 */
export function readMessage(data: unknown): Said | null {
  const message = fields(typeof data === "string" ? json(data) : data);
  if (message?.type !== "WA_EMBEDDED_SIGNUP" || typeof message.event !== "string") return null;
  const name = message.event.toUpperCase();
  if (name.startsWith("FINISH")) return { kind: "finished" };
  if (name !== "CANCEL" && name !== "ERROR") return null;
  const more = fields(message.data) ?? {};
  const [said, code] = [text(more.error_message), text(more.error_code) ?? text(more.error_id)];
  if (name === "ERROR" || said !== null || code !== null) return { kind: "failed", message: said, code };
  return { kind: "cancelled", step: text(more.current_step) };
}

function json(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function fields(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}

function text(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() ? value : null;
}
