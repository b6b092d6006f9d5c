// A customer agrees: on the form's own page, confirmed by the phone; and on a foreign site that embeds the form.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { somethingToAgreeTo } from "../../collecting.mjs";
import { owner, roaster, stranger } from "../../inbox.mjs";
import { api, control, isAccessible, leave, shut, until, window } from "../../stage.mjs";

/** A site of somebody else, with a strict policy that lets the form's script in and ask. */
const site = createServer((request, response) => {
  const widget = new URL(request.url, "http://site").searchParams.get("widget") ?? "";
  const there = widget && new URL(widget).origin;
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.setHeader("content-security-policy", `default-src 'none'; script-src ${there}; connect-src ${there}`);
  response.end(`<!doctype html><html lang="id"><title>Toko</title><h1>Toko kopi</h1><script async src="${widget}"></script></html>`);
});
await new Promise((ready) => site.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${site.address().port}`;
const form = await somethingToAgreeTo(roaster, origin);

after(async () => {
  site.close();
  await shut();
});

/** The message that a link to the chat fills in. */
const filledIn = (link) => new URL(link).searchParams.get("text");

/** Sends the message that confirms, as the phone does. */
async function confirms(from, text) {
  await control("people", { phone: from, name: "Sari" });
  await control("inbound", { from, to: roaster.phone_number_id, type: "text", text: { body: text } });
}

/** What a contact allows, once it is recorded. */
function agreed(phone) {
  return until(async () => {
    const [contact] = (await api(roaster, "GET", `contacts?q=${phone}`)).items;
    const ledger = contact && (await api(roaster, "GET", `contacts/${contact.id}/consent`));
    return ledger?.state.marketing.standing === "opted_in" && ledger;
  }, `the consent of ${phone}`);
}

test("somebody agrees on the form's page and confirms it on the phone", async () => {
  const from = stranger();
  const page = await window({ locale: "id-ID", width: 390, height: 844 });
  await page.goto(new URL(form.url).pathname);
  await page.getByRole("heading", { name: "Kabar dari rumah sangrai" }).waitFor();
  await isAccessible(page, "the form");
  for (const box of await page.getByRole("checkbox").all()) assert.equal(await box.isChecked(), false);

  await page.getByRole("button", { name: "Daftarkan saya" }).click();
  await page.getByRole("alert").waitFor();
  await isAccessible(page, "the form with mistakes");
  await page.getByLabel("Nomor WhatsApp").fill(`+${from}`);
  await page.getByLabel(/promo dan kabar/).check();
  await page.getByRole("button", { name: "Daftarkan saya" }).click();
  await page.getByRole("heading", { name: "Satu langkah lagi" }).waitFor();
  await isAccessible(page, "the page that asks to confirm");
  const link = await page.getByRole("link", { name: "Buka WhatsApp" }).getAttribute("href");
  assert.equal((await api(roaster, "GET", `contacts?q=${from}`)).items.length, 0, "nobody is a contact yet");

  await confirms(from, filledIn(link));
  const { events } = await agreed(from);
  const proof = events.find((event) => event.source === "form").evidence;
  assert.match(proof.wording, /promo dan kabar/);
  assert.equal(proof.language, "id");
  await leave(page);
});

test("a form within a foreign page of a strict policy takes an agreement", async () => {
  const from = stranger();
  const page = await window();
  await page.goto(`${origin}/?widget=${encodeURIComponent(form.widget_url)}`);
  await page.getByLabel("WhatsApp number").fill("call me");
  await page.getByRole("button", { name: "Sign me up" }).click();
  await page.getByRole("alert").getByText("Write your WhatsApp number").waitFor();
  await page.getByLabel("WhatsApp number").fill(`+${from}`);
  await page.getByLabel(/offers and news/).check();
  await page.getByRole("button", { name: "Sign me up" }).click();
  const link = await page.getByRole("link", { name: "Open WhatsApp" }).getAttribute("href");
  await confirms(from, filledIn(link));
  const { events } = await agreed(from);
  const proof = events.find((event) => event.source === "form").evidence;
  assert.deepEqual([proof.way, proof.page], ["widget", `${origin}/`]);
  await leave(page);
});

test("an owner words a form, sees it as people will, and finds what they sent", async () => {
  const page = await owner();
  await page.goto(`/o/${roaster.slug}/forms/${form.id}`);
  await page.getByRole("tab", { name: "Sent" }).click();
  await page.getByText("Agreed").first().waitFor();
  await page.getByRole("tab", { name: "Words" }).click();
  const heading = page.getByLabel("Heading").first();
  await heading.fill("Roasted on Friday");
  await page.getByRole("figure").getByText("Roasted on Friday").waitFor();
  await isAccessible(page, "the editor of a form");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Version 2: Roasted on Friday").waitFor();
  await page.goto(`/o/${roaster.slug}/links`);
  await page.getByText("Poster di pintu").waitFor();
  await isAccessible(page, "links");
  await leave(page);
});
