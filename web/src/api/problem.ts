/** Why something did not happen, as the server tells it (RFC 9457). */
import type { Schemas } from "./client";

/** The server answered and refused. */
export class ApiProblem extends Error {
  override name = "ApiProblem";

  constructor(
    readonly status: number,
    /** Names the kind of failure; never changes. */
    readonly code: string,
    readonly title: string,
    /** What is wrong and how to mend it. */
    readonly detail: string,
    /** What is wrong with single fields, by their path. */
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  /** Reads a problem document; anything else, such as a proxy's page, becomes a problem that says so. */
  static of(status: number, body: unknown): ApiProblem {
    if (!isProblem(body)) {
      return new ApiProblem(status, "unexplained", `${status}`, `The server answered ${status} without an explanation.`);
    }
    const fields = Object.fromEntries((body.errors ?? []).map((error) => [error.field, inOurs(error.message, error.message_id)]));
    return new ApiProblem(status, body.code, body.title, inOurs(body.detail, "detail_id" in body ? body.detail_id : null), fields);
  }
}

/** No answer came: the network or the server is away. Whether the request was done is not known. */
export class NotReached extends Error {
  override name = "NotReached";

  constructor(cause: unknown) {
    super("The server cannot be reached.", { cause });
  }
}

/** A failure within the page, in a sentence for whoever reads it. */
export class Told extends Error {
  override name = "Told";
}

/** The sentence in the language of the page, where the server writes it in both; else in English. */
function inOurs(english: string, indonesian: unknown): string {
  return document.documentElement.lang === "id" && typeof indonesian === "string" ? indonesian : english;
}

function isProblem(body: unknown): body is Schemas["Problem"] {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}

/** Whether the problem has this code. */
export function isCode(error: unknown, ...codes: string[]): error is ApiProblem {
  return error instanceof ApiProblem && codes.includes(error.code);
}
