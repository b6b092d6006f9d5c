/** The one way to the emulator: its controls. */

/** The emulator refused; the message is its own sentence. */
export class Refused extends Error {
  override name = "Refused";
}

/** No answer came. */
export class NotReached extends Error {
  override name = "NotReached";
}

type Parameters = Record<string, string | number | undefined>;

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`/_emulator${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (cause) {
    throw new NotReached("", { cause });
  }
  if (!response.ok) throw new Refused(await sentence(response));
  return (await response.json()) as Answer;
}

/** What was wrong, in the emulator's words. */
async function sentence(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { error: string }).error;
  } catch {
    return text || response.statusText;
  }
}

/** Reads. */
export function get<Answer>(path: string, parameters: Parameters = {}): Promise<Answer> {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(given).toString();
  return call("GET", query ? `${path}?${query}` : path);
}

export const post = <Answer = unknown>(path: string, body: unknown = {}) => call<Answer>("POST", path, body);
export const patch = <Answer = unknown>(path: string, body: unknown) => call<Answer>("PATCH", path, body);
export const remove = (path: string) => call("DELETE", path);

/** A part of a path. */
export const part = encodeURIComponent;
