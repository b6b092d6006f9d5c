// What people send and get besides words: files by paste and drop, templates, choices, forwarding, edits, sounds and films.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { agent, composer, inThread, phone, phoneShows, received, roaster, writesAnew } from "../../inbox.mjs";
import { api, control, isAccessible, leave, shut, until } from "../../stage.mjs";

after(shut);

/** A picture of one point. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** Hands files to the page as the clipboard or a drag from the desktop does. */
function hand(page, target, how, name, type, base64) {
  return target.evaluateHandle(
    (element, { how, name, type, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      const files = new DataTransfer();
      files.items.add(new File([bytes], name, { type }));
      const event =
        how === "paste"
          ? new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
    },
    { how, name, type, base64 },
  );
}

test("a picture is pasted, a paper is dropped, and both arrive with their caption", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open });
  await composer(page).fill("Ini fotonya");
  await hand(page, composer(page), "paste", "foto.png", "image/png", PIXEL);
  const dialog = page.getByRole("dialog", { name: /^Send \d file/ });
  assert.equal(await dialog.getByRole("textbox", { name: "Caption" }).inputValue(), "Ini fotonya");
  await isAccessible(page, "a file before it is sent");
  await dialog.getByRole("button", { name: "Send 1 file" }).click();
  await dialog.waitFor({ state: "detached" });
  await phoneShows(from, "Ini fotonya");
  await page.getByRole("button", { name: "Enlarge: Ini fotonya" }).waitFor();
  assert.equal(await composer(page).inputValue(), "");

  await hand(page, page.locator("body"), "drop", "daftar harga.txt", "text/plain", btoa("Kopi Gayo 310.000"));
  await dialog.getByRole("textbox", { name: "Caption" }).fill("Daftar harga kami");
  await dialog.getByRole("textbox", { name: "Caption" }).press("Enter");
  await phoneShows(from, "Daftar harga kami");
  await page.getByRole("link", { name: "Download daftar harga.txt" }).waitFor();
  const kinds = (await received(from)).map((one) => one.kind);
  assert.ok(kinds.includes("image") && kinds.includes("document"));
  await leave(page);
});

test("a message is passed on to another customer, and to nobody else", async () => {
  const first = await writesAnew("Tolong teruskan alamat: Jalan Melati 1");
  const second = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open: first.open });
  const message = page.getByRole("article").filter({ hasText: "Jalan Melati 1" });
  await message.hover();
  await message.getByRole("button", { name: "Actions for this message" }).click();
  await page.getByRole("menuitem", { name: "Forward" }).click();
  const dialog = page.getByRole("dialog", { name: /^Forward to/ });
  await dialog.getByRole("textbox").fill(second.from);
  await dialog.getByRole("button", { name: new RegExp(second.from) }).click();
  // Not before it was seen once more, with its receiver.
  await dialog.getByText("Jalan Melati 1").waitFor();
  assert.equal((await received(second.from)).filter((one) => one.text.includes("Jalan Melati 1")).length, 0);
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  await phoneShows(second.from, "Jalan Melati 1");
  assert.equal((await received(first.from)).filter((one) => one.text.includes("Jalan Melati 1")).length, 0);
  await leave(page);
});

test("a message gets a reaction and an answer that quotes it, with words that were kept for that", async () => {
  const shortcut = `uji${randomInt(1e6)}`;
  await api(roaster, "POST", "canned-replies", { shortcut, text: "Terima kasih, {{name}}!" });
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open });
  const message = page.getByRole("article").filter({ hasText: "Saya mau bicara dengan orang" });
  const deed = async (name) => {
    await message.hover();
    await message.getByRole("button", { name: "Actions for this message" }).click();
    await page.getByRole("menuitem", { name, exact: true }).click();
  };
  await deed("React with 🙏");
  await until(async () => (await received(from)).some((one) => one.kind === "reaction" && one.content.emoji === "🙏"), "the reaction arrives");
  await page.getByRole("list", { name: "Reactions" }).getByText("🙏").waitFor();

  await deed("Reply");
  await page.getByRole("button", { name: "Do not reply to this message" }).waitFor();
  await composer(page).pressSequentially(`/${shortcut}`);
  await page.getByRole("option", { name: new RegExp(shortcut) }).waitFor();
  await composer(page).press("Enter");
  assert.match(await composer(page).inputValue(), /^Terima kasih, [^{]+!$/);
  await composer(page).press("Enter");
  const answer = await phoneShows(from, "Terima kasih");
  assert.ok(answer.context);
  await leave(page);
});

test("a template is filled in and sent, with the message as the phone will show it", async () => {
  const { from, open } = await writesAnew(roaster.try);
  const page = await agent({ open });
  await page.getByRole("button", { name: "Send something else" }).click();
  await page.getByRole("menuitem", { name: "Template" }).click();
  const dialog = page.getByRole("dialog", { name: "Send a template" });
  await dialog.getByRole("textbox").fill("pengingat");
  await dialog.getByRole("button", { name: /pengingat_janji/ }).click();
  await dialog.getByRole("button", { name: "Send template" }).click();
  await dialog.getByText("This is needed.").first().waitFor();
  await dialog.getByLabel("Text: {{1}}").fill("Rina");
  await dialog.getByLabel("Text: {{2}}").fill("Senin pukul 9");
  await dialog.getByText("Halo Rina, kami ingatkan janji Anda pada Senin pukul 9.").waitFor();
  await isAccessible(page, "filling in a template");
  await dialog.getByRole("button", { name: "Send template" }).click();
  await inThread(page, "Senin pukul 9").waitFor();
  await until(async () => (await received(from)).some((one) => one.kind === "template" && one.status !== "failed"), "the template arrives");
  await leave(page);
});

test("buttons, a list and a form are sent, tapped, and the answers stand in the thread", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open });
  const more = async (what) => {
    await page.getByRole("button", { name: "Send something else" }).click();
    await page.getByRole("menuitem", { name: what }).click();
    return page.getByRole("dialog");
  };
  const buttons = await more("Reply buttons");
  await buttons.getByLabel("Text", { exact: true }).fill("Antar ke rumah?");
  await buttons.getByRole("textbox", { name: "Button 1" }).fill("Ya, antar");
  await buttons.getByRole("button", { name: "Add a button" }).click();
  await buttons.getByRole("textbox", { name: "Button 2" }).fill("Ambil sendiri");
  await isAccessible(page, "writing buttons");
  await buttons.getByRole("button", { name: "Send", exact: true }).click();
  const asked = await phoneShows(from, "Antar ke rumah?");
  await control("taps", { message: asked.id, choice: "Ambil sendiri" });
  await page.getByRole("article").filter({ hasText: "Chosen" }).getByText("Ambil sendiri").waitFor();

  const list = await more("List to choose from");
  await list.getByLabel("Text", { exact: true }).fill("Pilih kopi Anda");
  await list.getByLabel("Button that opens the list").fill("Lihat");
  await list.getByRole("textbox", { name: "Choice 1", exact: true }).fill("Kopi Toraja");
  await list.getByRole("button", { name: "Send", exact: true }).click();
  const offered = await phoneShows(from, "Pilih kopi Anda");
  await control("taps", { message: offered.id, choice: "Kopi Toraja" });
  await page.getByRole("article").filter({ hasText: "Chosen" }).getByText("Kopi Toraja").waitFor();

  // The answer to a form that came from elsewhere.
  const filled = { name: "flow", body: "Sent", response_json: JSON.stringify({ flow_token: "x", kota: "Bandung", jumlah: "3" }) };
  await control("inbound", { from, to: roaster.phone_number_id, type: "interactive", interactive: { type: "nfm_reply", nfm_reply: filled } });
  await page.getByRole("article").filter({ hasText: "Filled-in form" }).getByText("Bandung").waitFor();
  await isAccessible(page, "choices and forms in a thread");
  await leave(page);
});

test("what a customer corrects or deletes on the phone changes in the thread", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open });
  const wrote = async (body) => (await control("inbound", { from, to: roaster.phone_number_id, text: { body } })).id;
  const [wrong, rash] = [await wrote("Besok jam sepulh"), await wrote("Lupakan saja semuanya")];
  await inThread(page, "Besok jam sepulh").waitFor();
  await inThread(page, "Lupakan saja semuanya").waitFor();
  const edit = { original_message_id: wrong, message: { type: "text", text: { body: "Besok jam sepuluh" } } };
  await control("inbound", { from, to: roaster.phone_number_id, type: "edit", edit });
  await control("inbound", { from, to: roaster.phone_number_id, type: "revoke", revoke: { original_message_id: rash } });
  await inThread(page, "Besok jam sepuluh").waitFor();
  await inThread(page, "Edited").waitFor();
  await inThread(page, "The customer deleted this message").waitFor();
  assert.equal(await inThread(page, "Besok jam sepulh").count(), 0);
  assert.equal(await inThread(page, "Lupakan saja semuanya").count(), 0);
  await leave(page);
});

test("a voice note plays, film and sticker are shown, and a file that could not be fetched is fetched again", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const [page, customer] = await Promise.all([agent({ open }), phone(from)]);
  await customer.getByRole("button", { name: "Voice message" }).click();
  await customer.getByRole("dialog").getByRole("button", { name: "Send a tune" }).click();
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: /^Speed: 1×/ }).click();
  await page.getByRole("button", { name: /^Speed: 1.5×/ }).waitFor();
  await leave(customer);

  const sends = (type, mime_type, base64, id) =>
    control("inbound", { from, to: roaster.phone_number_id, type, [type]: {}, media: { mime_type, base64, id } });
  await sends("sticker", "image/webp", "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");
  await sends("video", "video/mp4", "AAAAHGZ0eXBpc29tAAACAGlzb21pc28ybXA0MQAAAAhmcmVlAAAACG1kYXQ=");
  await page.getByRole("img", { name: "Sticker" }).waitFor();
  await page.locator("video[controls]").waitFor();

  const id = `${Date.now()}`;
  const error = { status: 400, code: 100, subcode: 33, message: "Unsupported get request." };
  await control("faults", { edge: id, times: 1, effect: { error } });
  await sends("image", "image/png", PIXEL, id);
  await page.getByRole("button", { name: "Fetch again" }).click();
  // It is shown in small, and opens as it came.
  const picture = page.getByRole("button", { name: "Enlarge: Photo" });
  await picture.locator('img[src$="/thumbnail"]').waitFor();
  await picture.click();
  const original = page.getByRole("dialog", { name: "Photo" });
  await original.locator('img:not([src$="/thumbnail"])').waitFor();
  await page.keyboard.press("Escape");
  await original.waitFor({ state: "detached" });
  await isAccessible(page, "voice, film and sticker");
  await leave(page);
});
