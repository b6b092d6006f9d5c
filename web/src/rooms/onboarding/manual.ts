/** Pasted values: what is asked about them and what is found. */
import { answer, api, type Schemas } from "@/api/client";

export type Report = Schemas["ManualReport"];
export type Checked = Schemas["ManualField"];
type Body = Schemas["ManualRequest"];
type Begun = Schemas["ManualBegun"];

/** What is entered. */
export interface Values {
  token: string;
  waba_id: string;
  phone_number_id: string;
  /** Whether the token is of an app of one's own. */
  own: boolean;
  app_id: string;
  app_secret: string;
}

export const EMPTY: Values = { token: "", waba_id: "", phone_number_id: "", own: false, app_id: "", app_secret: "" };

/** As the API takes it. */
export function bodyOf(values: Values): Body {
  const { token, waba_id, phone_number_id, own, app_id, app_secret } = values;
  return {
    token,
    waba_id,
    phone_number_id,
    app_id: own ? app_id : null,
    app_secret: own ? app_secret : null,
    mode: own ? "direct" : "tech_provider",
    override_webhook: false,
  };
}

/** Whether Meta can say anything about it: everything else rests on the token. */
export function worthAsking({ token }: Values): boolean {
  return token.trim().length > 0;
}

/**
 * What was found of a field, once it is filled: what nobody has entered yet is not wrong. An app's id and secret are tried
 * together, so what is wrong with either stands beside the secret.
 */
export function verdict(report: Report | undefined, name: string, value: string): Checked | undefined {
  if (!value.trim()) return undefined;
  const found = report?.fields.find((one) => one.field === (name === "app_secret" ? "app" : name));
  if (name === "app" && found?.problem?.trouble === "app_secret_wrong") return undefined;
  if (name === "app_secret" && found?.problem?.trouble !== "app_secret_wrong") return undefined;
  return found;
}

/** Tries the values on Meta; nothing is stored. */
export function lookAt(org: string, values: Values): Promise<Report> {
  return answer(
    api.POST("/api/v1/orgs/{org}/connections/manual/check", { params: { path: { org } }, body: bodyOf(values) }),
  );
}

/** Connects. Values that no longer hold are reported like before. */
export async function begin(org: string, values: Values, header: { "Idempotency-Key": string }): Promise<Begun | Report> {
  const call = api.POST("/api/v1/orgs/{org}/connections/manual", {
    params: { path: { org }, header },
    body: bodyOf(values),
  });
  const outcome = await call.catch(() => null);
  if (outcome?.response.status === 422 && isReport(outcome.error)) return outcome.error;
  return answer(outcome ? Promise.resolve(outcome) : call);
}

/** Whether an answer tells what is wrong with the values. */
export function isReport(answered: unknown): answered is Report {
  return typeof answered === "object" && answered !== null && "fields" in answered;
}
