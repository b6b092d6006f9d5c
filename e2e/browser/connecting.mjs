// What journeys of connecting a number share: an organisation of their own, a business at Meta, the way through the dialog.
import assert from "node:assert/strict";
import { control, facts, window } from "./stage.mjs";

/** Different at every run, so that journeys may be run again on the same demo. */
const run = Date.now() % 1e8;
let made = 0;

/** The operator's app at Meta, as the demo sets it up. */
const META_APP = "111222333444555";

/** Calls the API as the operator. */
async function operator(method, path, body) {
  const answer = await fetch(`${facts.gateway_url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${facts.operator.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** An organisation that nobody else uses, and the link with which its owner joins. */
export async function organisation() {
  const which = ++made;
  const slug = `way-${run}-${which}`;
  const email = `owner@${slug}.example`;
  const wanted = { name: `Toko ${run}-${which}`, slug, locale: "en", country: "ID", timezone: "Asia/Jakarta", owner_email: email };
  const { organisation: org, owner } = await operator("POST", "operator/orgs", wanted);
  return { ...org, email, password: "a few words in a row", invitation: owner.link };
}

/** A window in which an organisation's owner is signed in, and their organisation. */
export async function owner(wishes) {
  const page = await window(wishes);
  const org = await organisation();
  await joins(page, org);
  return { page, org };
}

/** Somebody accepts an invitation with a new account: this window is signed in from then on. */
export async function joins(page, org, name = "Dewi") {
  const account = { name, password: org.password, locale: "en" };
  const token = new URL(org.invitation).hash.slice(1);
  const answer = await page.request.post("/api/v1/invites/accept", { data: { token, account } });
  assert.ok(answer.ok(), `${answer.status()} ${await answer.text()}`);
}

/** A token as a person makes it in Business Settings: of a system user of the business, without end. */
export async function token(at, wishes = {}) {
  const value = `EAAHAND${run}${++made}`;
  await control("tokens", {
    value,
    app_id: META_APP,
    kind: "system_user",
    user_id: "200000000000077",
    portfolio_id: at.portfolio,
    scopes: ["whatsapp_business_management", "whatsapp_business_messaging"],
    reach: "portfolio",
    ...wishes,
  });
  return value;
}

/** An app of the business's own. */
export async function ownApp(at) {
  const id = `1110${at.account.slice(4)}`;
  const secret = id.padStart(32, "a");
  await control("seed", { apps: [{ id, name: `${at.name} App`, secret, portfolio_id: at.portfolio }] });
  return { id, secret };
}

/** An owner who is connected by hand, on the page that says so: their business, paid for, and the token in use. */
export async function connectedOwner() {
  const at = await business();
  await control("client-actions", { action: "add_payment", waba_id: at.account });
  const { page, org } = await owner();
  const value = await token(at);
  const pasted = { waba_id: at.account, phone_number_id: at.number, token: value, mode: "tech_provider", override_webhook: false };
  const { connection_id: id } = await asks(page, "POST", `orgs/${org.id}/connections/manual`, pasted);
  await page.goto(`/o/${org.slug}/connections/${id}`);
  await connected(page, at);
  return { page, org, at, token: value };
}

/** Calls the API as whoever is signed in in a window. */
export async function asks(page, method, path, data) {
  const answer = await page.request.fetch(`/api/v1/${path}`, { method, data });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? null : answer.json();
}

/** A business at Meta with a messaging account and a number that has proved to be its own, unpaid and not connected. */
export async function business() {
  const id = `${run}${String(++made).padStart(2, "0")}`.padStart(11, "0");
  const [portfolio, account, number] = [`8000${id}`, `7000${id}`, `6000${id}`];
  const [name, phone] = [`Usaha ${run}-${made}`, `6285${id.slice(-9)}`];
  await control("seed", {
    portfolios: [{ id: portfolio, name, country: "ID", verification_status: "verified", messaging_limit: "TIER_250" }],
    accounts: [
      { id: account, name, owner_id: portfolio, currency: "IDR", country: "ID", status: "ACTIVE", review_status: "APPROVED" },
    ],
    numbers: [
      { id: number, account_id: account, phone, display: `+${phone}`, verified_name: name, code_verification_status: "VERIFIED" },
    ],
  });
  return { portfolio, account, number, name, phone, display: `+${phone}` };
}

/** Presses a button that opens the dialog, and gives back its window. */
export async function opens(page, button = "Connect WhatsApp") {
  const popup = page.waitForEvent("popup");
  await page.getByRole("button", { name: button, exact: true }).click();
  return popup;
}

/**
 * Comes to the dialog as a page of its own: this browser opens no windows by itself, and a link leads there. Gives back the
 * page of the dialog.
 */
export async function opensFullPage(page, org) {
  await page.addInitScript(() => (globalThis.open = () => null));
  await page.goto(`/o/${org.slug}/connect`);
  await page.getByRole("button", { name: "Connect WhatsApp", exact: true }).click();
  await page.getByText("Your browser did not let Meta's window open").waitFor();
  const other = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Do it on a full page instead" }).click();
  return other;
}

const next = (dialog) => dialog.getByRole("button", { name: "Continue" }).click();

/** Goes through the dialog, choosing a business that is there, up to the last screen. */
export async function chooses(dialog, at) {
  await dialog.locator(`input[value="${at.portfolio}"]`).check();
  await next(dialog);
  await dialog.locator(`input[value="${at.account}"]`).check();
  await next(dialog);
  await dialog.locator(`input[value="${at.number}"]`).check();
  await next(dialog);
  await dialog.getByRole("heading", { name: "Review what you share" }).waitFor();
}

/** Ends the dialog on its last screen. */
export const shares = (dialog) => dialog.getByRole("button", { name: "Share and finish" }).click();

/** Gives up where the dialog stands. */
export const cancels = (dialog) => dialog.getByRole("button", { name: "Cancel", exact: true }).click();

/** The page says that the number is connected. */
export const connected = (page, at) => page.getByRole("heading", { name: new RegExp(`${at.phone}.* is connected`) }).waitFor();

/** One step of a connection's page. */
export const step = (page, name) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });

/** A link to connect a number of an organisation. */
export async function link(page, org) {
  const body = { mode: "tech_provider", variant: "standard", note: "Halo Rina, please connect the shop's number.", days: 1 };
  return (await asks(page, "POST", `orgs/${org.id}/connect-invites`, body)).link;
}
