/** What the person with the phone does. */
import { part, patch, post } from "./client";
import type { Person, Receipts, Status, Wire } from "./types";

/** Somebody in a chat. */
export interface Place {
  person: string;
  number: string;
}

/** A message about to be written; the object named after `type` is its content. */
export interface Draft {
  type: string;
  content?: unknown;
  replyTo?: string | undefined;
  media?: Blob | undefined;
}

/** Writes a message of any type. */
export async function write(place: Place, { type, content, replyTo, media }: Draft): Promise<string> {
  const answer = await post<{ id: string }>("/inbound", {
    from: place.person,
    to: place.number,
    type,
    ...(content === undefined ? {} : { [type]: content }),
    ...(replyTo ? { reply_to: replyTo } : {}),
    ...(media ? { media: { base64: await base64(media), mime_type: media.type } } : {}),
  });
  return answer.id;
}

async function base64(blob: Blob): Promise<string> {
  const address = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error("The file cannot be read."));
    reader.readAsDataURL(blob);
  });
  return address.slice(address.indexOf(",") + 1);
}

/** Taps a button or row of a message. */
export const tap = (message: string, choice: string) => post("/taps", { message, choice });

/** Looks at a chat: what was delivered is seen, and read where the phone says so. */
export const see = ({ person, number }: Place) => post(`/phones/${part(person)}/read`, { number });

/** Sets a tick of a message of the business by hand. */
export const mark = (wamid: string, status: Status) => post(`/messages/${part(wamid)}/status`, { status });

/** What may be changed of a person. */
export interface PersonChange {
  name?: string;
  username?: string;
  shares_phone?: boolean;
  online?: boolean;
  on_whatsapp?: boolean;
  receipts?: Receipts;
  blocked?: string[];
}

export const change = (person: string, to: PersonChange) => patch<Person>(`/people/${part(person)}`, to);

export const create = (person: PersonChange & { phone?: string; country?: string }) => post<Person>("/people", person);

/** Stops or resumes marketing messages of a business. */
export const preferMarketing = ({ person, number }: Place, value: "stop" | "resume") =>
  post(`/people/${part(person)}/marketing`, { number, value });

/** What an owner does at Meta: a payment method for the messaging account. */
export const addPayment = (account: string) => post("/client-actions", { action: "add_payment", waba_id: account });

export const moveClock = (by: Wire) => post("/clock", by);

/** What a reviewer, readers or time do to a template. */
export type Act =
  | { act: "approve" | "pause" | "unpause" | "disable" }
  | { act: "reject"; reason: string }
  | { act: "category"; category: string }
  | { act: "quality"; score: string };

/** Does it; the business is told by webhook. */
export const reviewTemplate = (template: string, act: Act) => post(`/templates/${part(template)}/review`, act);
