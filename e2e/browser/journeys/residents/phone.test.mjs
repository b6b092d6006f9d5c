// The simulated phone: the customer's side of everything, by itself, without the dashboard.
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { onPhone, phone, phoneShows, roaster, stranger, writesAnew } from "../../inbox.mjs";
import { api, control, facts, isAccessible, leave, shut, until, window } from "../../stage.mjs";

after(shut);

/** What a business can send, one of each kind that a phone shows in its own way. */
const SHOWN = [
  { type: "text", body: "*Tebal*, _miring_, ~coret~ dan `kode`\n- satu\n- dua\n> kutipan", preview_url: false },
  { type: "buttons", body: "Pilih salah satu", header: "Pertanyaan", footer: "Terima kasih", buttons: [{ id: "ya", title: "Ya" }, { id: "tidak", title: "Tidak" }] },
  { type: "list", body: "Pilih kopi", button: "Lihat kopi", sections: [{ title: "Arabika", rows: [{ id: "gayo", title: "Gayo", description: "Dari Aceh" }, { id: "toraja", title: "Toraja" }] }] },
  { type: "call_to_action", body: "Lihat toko kami", label: "Buka toko", url: "https://kopi.example/toko" },
  { type: "request_location", body: "Di mana Anda?" },
  { type: "location", latitude: -6.2, longitude: 106.8, name: "Kedai Kopi", address: "Jalan Melati 1" },
  { type: "contacts", contacts: [{ name: { formatted_name: "Sari Wulandari", first_name: "Sari" }, phones: [{ phone: "+62 811 0000 9999" }] }] },
];

for (const scheme of ["light", "dark"]) {
  test(`every kind of message is shown and answered on the phone: ${scheme}`, async () => {
    const { from, open } = await writesAnew("Saya mau bicara dengan orang");
    await phoneShows(from, "sambungkan");
    for (const content of SHOWN) await api(roaster, "POST", `conversations/${open.id}/messages`, { content });
    const page = await phone(from, { scheme });
    await onPhone(page, "Jalan Melati 1").waitFor();
    await onPhone(page, "Sari Wulandari").waitFor();

    // A tap on a button, a choice from the list, a place.
    await page.getByRole("button", { name: "Ya", exact: true }).click();
    await page.getByRole("button", { name: "Lihat kopi" }).click();
    await page.getByRole("radio", { name: /Gayo/ }).check();
    await isAccessible(page, "a list to choose from");
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await page.getByRole("article", { name: /^You/ }).getByText("Gayo").waitFor();

    // Samples of what a customer sends.
    const attach = async (what) => {
      await page.getByRole("button", { name: "Attach" }).click();
      await page.getByRole("dialog", { name: "Attach" }).getByRole("button", { name: what }).last().click();
    };
    for (const what of ["Photo", "Sticker", "PDF", "Contact"]) await attach(what);
    const mine = page.getByRole("article", { name: /^You/ });
    await until(async () => (await mine.count()) >= 7, "everything was sent");
    await isAccessible(page, "a chat with every kind of message");

    // Editing and taking back one's own, and a reaction to theirs.
    const menu = async (message, what) => {
      await message.press("Enter").catch(() => undefined);
      await page.getByRole("dialog").getByRole("button", { name: what }).click();
    };
    await page.getByRole("textbox", { name: "Message" }).fill("Salah tulis");
    await page.getByRole("textbox", { name: "Message" }).press("Enter");
    await menu(mine.filter({ hasText: "Salah tulis" }), "Edit");
    await page.getByRole("dialog").getByRole("textbox").fill("Benar tulis");
    await page.getByRole("button", { name: "Save" }).click();
    await onPhone(page, "Edited").waitFor();
    await menu(mine.filter({ hasText: "Benar tulis" }), "Delete for everyone");
    await onPhone(page, "This message was deleted").waitFor();
    await leave(page);
  });
}

test("a customer without a phone number, a phone that is off, and one that blocks", async () => {
  const name = `budi.${randomInt(1e6)}`;
  const page = await window({ width: 420, height: 800 });
  await page.goto(`${facts.phone_url}?view=people`);
  await page.getByRole("button", { name: "New customer" }).first().click();
  await page.getByRole("radio", { name: "a username only" }).check();
  await page.getByLabel("Name", { exact: true }).fill("Budi Tanpa Nomor");
  await page.getByRole("textbox", { name: "Username" }).fill(name);
  await isAccessible(page, "a new customer");
  await page.getByRole("button", { name: "Pick up this phone" }).click();
  await page.getByRole("button", { name: new RegExp(roaster.name) }).click();
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill(roaster.try);
  await box.press("Enter");
  await onPhone(page, "Rp 310.000").waitFor();

  // The phone is off: what was written waits, and comes when it is on again.
  const { id } = await control(`people/${name}`, undefined, "GET");
  await control(`people/${id}`, { online: false }, "PATCH");
  await page.getByText("This phone is off.").first().waitFor();
  await isAccessible(page, "a phone that is off");
  await control(`people/${id}`, { online: true }, "PATCH");
  await page.getByText("This phone is off.").first().waitFor({ state: "detached" });

  // The customer blocks the business, and takes that back.
  await page.getByRole("button", { name: new RegExp(roaster.name) }).click();
  await isAccessible(page, "a business");
  await page.getByRole("button", { name: "Block", exact: true }).click();
  await page.getByRole("button", { name: "Message", exact: true }).click();
  await page.getByText("You have blocked this business.").waitFor();
  await isAccessible(page, "a business that is blocked");
  await page.getByRole("button", { name: "Unblock" }).click();
  await box.waitFor();
  await leave(page);
});
