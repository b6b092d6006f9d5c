/** The one way to the server: the public API, typed from its document. */
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";
import { ApiProblem, NotReached } from "./problem";

/** What the API document calls its types. */
export type Schemas = components["schemas"];

/** The typed client. Pass its answers to {@link answer}. */
export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * What a call answered.
 *
 * @throws {ApiProblem} when the server refused, in the server's words
 * @throws {NotReached} when no answer came
 */
export async function answer<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  let outcome: Outcome<Data>;
  try {
    outcome = await call;
  } catch (cause) {
    throw new NotReached(cause);
  }
  if (!outcome.response.ok) throw ApiProblem.of(outcome.response.status, outcome.error);
  return outcome.data as Data;
}

/** A key under which a request may be sent again without being done twice. */
export function intention(): string {
  return crypto.randomUUID();
}
