// People around the shared inbox of the coffee roaster: those who write to it, and those who answer there.
import { randomInt } from "node:crypto";
import { api, control, facts, org, signIn, until, window, writes } from "./stage.mjs";

export const roaster = org("id");

/** The phone number of somebody who has never written before, however often the journeys are walked. */
export function stranger() {
  return `62811${randomInt(1e8).toString().padStart(8, "0")}`;
}

/** The conversation with a customer, once something was written in it. */
export function conversation(from) {
  const query = `conversations?q=${from}`;
  return until(async () => (await api(roaster, "GET", query)).items.find((one) => one.last_message), `a conversation with ${from}`);
}

/** Somebody new writes to the roaster; gives back their phone number and their conversation. */
export async function writesAnew(text) {
  const from = stranger();
  await writes(from, roaster, text);
  return { from, open: await conversation(from) };
}

/** What those who signed in once bring along later. */
const cookies = new Map();

/** Somebody's inbox, in a window of their own; or the conversation in it that is named. */
async function inbox(email, password, { open, ...wishes } = {}) {
  const address = `/o/${roaster.slug}/inbox${open ? `/${open.id}` : ""}`;
  const page = await window({ ...wishes, storageState: cookies.get(email) });
  if (cookies.has(email)) await page.goto(address);
  else {
    await signIn(page, email, password, address);
    cookies.set(email, await page.context().storageState());
  }
  await page.getByRole("heading", { level: 1 }).waitFor();
  if (open) await composer(page).waitFor();
  return page;
}

export const owner = (wishes) => inbox(roaster.member_email, roaster.member_password, wishes);
export const agent = (wishes) => inbox(roaster.agent_email, roaster.agent_password, wishes);

/** Where messages and notes are written. */
export const composer = (page) => page.getByRole("textbox", { name: /^(Message|Pesan) (to|untuk|ke) / });

/** What stands in a thread; the list shows only how it begins. */
export const inThread = (page, text) => page.getByRole("region", { name: "Messages" }).getByText(text);

/** The row of a conversation in the list. */
export const row = (page, { id }) => page.locator(`[data-row="${id}"]`);

/** Writes a message and sends it. */
export async function says(page, text) {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

/** Waits until a message of the business has come to the customer's phone, and gives it back. */
export function phoneShows(from, text) {
  const query = new URLSearchParams({ text, timeout_ms: 20000 });
  return control(`phones/${from}/wait?${query}`, undefined, "GET");
}

/** Every message of the business on a customer's phone, as it went over the wire. */
export async function received(from) {
  const { messages } = await control(`phones/${from}?number=${roaster.phone_number_id}&limit=100`, undefined, "GET");
  return messages.filter((one) => one.direction === "outbound");
}

/** A customer's phone, open at the chat with the roaster. */
export async function phone(from, wishes) {
  const page = await window({ width: 420, height: 800, ...wishes });
  const query = new URLSearchParams({ from, to: roaster.phone_number_id });
  await page.goto(`${facts.phone_url}?${query}`);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  return page;
}

/** What stands in the chat on a customer's phone. */
export const onPhone = (page, text) => page.getByRole("article").getByText(text);
