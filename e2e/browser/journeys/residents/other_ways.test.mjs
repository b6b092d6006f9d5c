// Whoever never agreed is asked by mail and gets the message on WhatsApp once they say yes; and confirms a form by mail.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { owner, roaster, stranger } from "../../inbox.mjs";
import { api, control, facts, isAccessible, leave, shut, until, window } from "../../stage.mjs";

after(shut);

/** The newest mail or text that has come to somebody. */
function arrives(to) {
  return until(async () => {
    const answer = await fetch(`${facts.post_url}/_carrier/arrived?to=${encodeURIComponent(to)}`);
    return (await answer.json()).at(-1);
  }, `a message for ${to}`);
}

/** Where a link to this installation within a text leads, as a path. */
function linkIn(text, kind) {
  const [link] = text.match(new RegExp(`${facts.gateway_url}/${kind}/\\S+`)) ?? assert.fail(`no link in: ${text}`);
  return new URL(link).pathname;
}

/** Somebody who is on WhatsApp and has an e-mail address. */
async function someone() {
  const phone = stranger();
  await control("people", { phone, name: "Dewi" });
  return { phone, email: `dewi.${phone}@example.com` };
}

test("an owner tries a channel and decides what is tried after what", async () => {
  const page = await owner();
  await page.goto(`/o/${roaster.slug}/settings/channels`);
  await page.getByRole("heading", { name: "Other ways to reach people" }).waitFor();
  await isAccessible(page, "channels");
  const to = `try.${stranger()}@example.com`;
  await page.getByLabel("Send a test e-mail to").fill(to);
  await page.getByRole("button", { name: "Send a test" }).first().click();
  await page.getByText("The provider has taken it.").waitFor();
  assert.match((await arrives(to)).text, /Kopi Nusantara/);

  await page.getByRole("button", { name: "Add e-mail" }).click();
  const order = page.getByRole("region", { name: "What is tried, in which order" });
  await order.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved").first().waitFor();
  assert.deepEqual((await api(roaster, "GET", "fallback")).settings.order, [{ channel: "email", minutes: 240 }]);
  await page.getByRole("link", { name: "Settings" }).first().click();
  await page.waitForURL((url) => url.pathname.endsWith("/settings"));
  await leave(page);
});

test("a message waits for a yes, which is asked for by mail, and goes out once it is given", async () => {
  const { phone, email } = await someone();
  await api(roaster, "POST", "contacts", { phone: `+${phone}`, name: "Dewi", email });
  const sent = await api(roaster, "POST", "messages", {
    to: { phone: `+${phone}` },
    content: {
      type: "template",
      name: "pengingat_janji",
      language: "id",
      components: [{ type: "body", parameters: [{ type: "text", text: "Dewi" }, { type: "text", text: "Senin" }] }],
    },
    fallback: [{ channel: "email", minutes: 60 }],
  });
  const state = async () => (await api(roaster, "GET", `messages/${sent.message_id}`)).state;
  assert.equal(await state(), "awaiting_opt_in");

  const decisions = await owner();
  await decisions.goto(`/o/${roaster.slug}/decisions`);
  const row = decisions.getByRole("listitem").filter({ hasText: "Dewi" }).first();
  await row.getByText("Waiting for the contact to agree").waitFor();
  await isAccessible(decisions, "decisions");

  const letter = await arrives(email);
  const page = await window({ locale: "id-ID", width: 390, height: 844 });
  await page.goto(linkIn(letter.text, "w"));
  await page.getByRole("heading", { name: "Terima lewat WhatsApp?" }).waitFor();
  await isAccessible(page, "the page of a link");
  assert.equal(await state(), "awaiting_opt_in", "to open it changes nothing");
  await page.getByRole("button", { name: "Ya, kirim lewat WhatsApp" }).click();
  await page.getByRole("heading", { name: "Terima kasih" }).waitFor();
  await isAccessible(page, "the page that thanks");
  await until(async () => ["sent", "delivered", "read"].includes(await state()), "the message on WhatsApp");
  await leave(page);

  // Nobody reloads the page of decisions: it hears of it.
  await row.getByText(/^(Sent|Delivered|Read)$/).waitFor();
  await decisions.getByRole("combobox", { name: "Decision" }).click();
  await decisions.getByRole("option", { name: "Refused" }).click();
  await row.waitFor({ state: "detached" });
  await decisions.getByRole("button", { name: "More filters" }).click();
  await decisions.getByRole("combobox", { name: "Kind" }).waitFor();
  await isAccessible(decisions, "decisions, narrowed");
  await leave(decisions);
});

test("a form is confirmed at a link in a mail", async () => {
  const { phone, email } = await someone();
  const editor = await owner();
  await editor.goto(`/o/${roaster.slug}/forms`);
  await editor.getByRole("button", { name: "Make a form" }).first().click();
  const dialog = editor.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Situs web");
  await dialog.getByLabel("By a link in an e-mail").check();
  await dialog.getByRole("button", { name: "Make a form" }).click();
  await editor.getByRole("tab", { name: "Words" }).waitFor();
  const id = new URL(editor.url()).pathname.split("/").at(-1);
  await editor.getByRole("checkbox", { name: "E-mail", exact: true }).check();
  await editor.getByLabel("Your privacy policy").fill("https://kopi.example/privacy");
  await editor.getByRole("button", { name: "Publish" }).click();
  await editor.getByText(/^Version 1: /).waitFor();
  await isAccessible(editor, "the editor with channels");
  const { url, version } = await api(roaster, "GET", `forms/${id}`);
  assert.deepEqual(version.wording.channels, ["whatsapp", "email"]);

  const page = await window({ locale: "id-ID", width: 390, height: 844 });
  await page.goto(new URL(url).pathname);
  await page.getByLabel("Nomor WhatsApp").fill(`+${phone}`);
  await page.getByLabel("Alamat email").fill(email);
  await page.getByLabel(/promo dan kabar/).check();
  await page.getByRole("button", { name: "Daftarkan saya" }).click();
  await page.getByText("Kami sudah mengirim email kepada Anda.").waitFor();
  await page.goto(linkIn((await arrives(email)).text, "c"));
  await page.getByRole("heading", { name: "Mohon konfirmasi" }).waitFor();
  await isAccessible(page, "the page that confirms");
  await page.getByRole("button", { name: "Ya, saya konfirmasi" }).click();
  await page.getByRole("heading", { name: "Terima kasih" }).waitFor();
  await leave(page);

  await editor.getByRole("tab", { name: "Sent" }).click();
  await editor.getByText("Agreed").first().waitFor();
  const [contact] = (await api(roaster, "GET", `contacts?q=${phone}`)).items;
  assert.equal(contact.email, email);
  const { events } = await api(roaster, "GET", `contacts/${contact.id}/consent`);
  assert.deepEqual(events.map((event) => event.channel).sort(), ["email", "whatsapp"]);
  await leave(editor);
});

test("a QR code is printed with its words, and with nothing else", async () => {
  const page = await owner();
  await page.goto(`/o/${roaster.slug}/links`);
  await page.getByRole("button", { name: /^Print sheet for/ }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Bahasa Indonesia").click();
  await dialog.getByLabel("Heading").fill("Sapa kami!");
  await dialog.getByRole("figure").getByText("Sapa kami!").waitFor();
  await dialog.getByRole("figure").getByText("Pindai dengan kamera ponsel Anda").waitFor();
  await isAccessible(page, "the sheet");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("button", { name: "Print", exact: true }).isVisible(), false);
  await page.getByText("Sapa kami!").last().waitFor();
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.equal(pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, "one sheet is one page");
  await leave(page);
});
