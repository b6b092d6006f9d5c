// People whom one knows already are brought in from a file, and taken back; two contacts turn out to be one person, who
// asks to be erased.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { owner, roaster, stranger, writesAnew } from "../../inbox.mjs";
import { api, isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

/** Chooses a file that holds this. */
async function brings(page, name, lines) {
  await page.goto(`/o/${roaster.slug}/contacts/imports`);
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).first().click();
  const buffer = Buffer.from(`${lines.join("\n")}\n`);
  await (await choosing).setFiles({ name, mimeType: "text/csv", buffer });
  await page.getByRole("heading", { name: "Which column is what?" }).waitFor();
}

const found = async (q) => (await api(roaster, "GET", `contacts?q=${q}`)).items;

test("a file is looked at before anything changes, becomes contacts, and is taken back", async () => {
  const page = await owner();
  const word = `Impor${randomInt(1e6)}`;
  const [sari, budi] = [stranger(), stranger()];
  await brings(page, "pelanggan.csv", ["Nama,No. HP,Promosi,Sumber izin", `${word} Sari,+${sari},ya,Formulir toko`, `${word} Budi,+${budi},,`, `${word} Dewi,bukan nomor,,`]);
  await isAccessible(page, "choosing columns");
  await page.getByRole("button", { name: "See what would happen" }).click();
  await page.getByRole("heading", { name: "What would happen" }).waitFor();
  await page.getByText("Row 4").waitFor();
  await page.getByText("This is not a phone number.").waitFor();
  assert.deepEqual(await found(word), [], "looking changes nothing");
  await isAccessible(page, "what would happen");

  await page.getByRole("button", { name: "Import 2 people" }).click();
  await page.getByRole("heading", { name: "Imported" }).waitFor();
  assert.equal((await found(word)).length, 2);
  await isAccessible(page, "what was imported");

  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  await page.getByText("Deleted again").waitFor();
  assert.deepEqual(await found(word), []);
  await isAccessible(page, "an import that was taken back");
  await leave(page);
});

test("two contacts become one person, who is erased with a certificate", async () => {
  const { from, open } = await writesAnew("Nomor lama saya hilang");
  const other = await api(roaster, "POST", "contacts", { phone: `+${stranger()}`, name: `Rina ${randomInt(1e6)}` });
  const page = await owner();
  await page.goto(`/o/${roaster.slug}/contacts/${open.contact.id}`);
  await page.getByRole("button", { name: "Same person as…" }).click();
  const merging = page.getByRole("dialog");
  await merging.getByRole("combobox", { name: "The other contact" }).fill(other.name);
  await page.getByRole("option", { name: new RegExp(other.name) }).click();
  await merging.getByRole("table", { name: "What is kept" }).getByText(`+${from}`).waitFor();
  await isAccessible(page, "what is kept of two contacts");
  await merging.getByRole("button", { name: "Make one contact" }).click();
  await merging.waitFor({ state: "detached" });
  assert.equal((await api(roaster, "GET", `contacts/${other.id}`)).id, open.contact.id, "both ids lead to one contact");

  await page.getByRole("button", { name: "Erase this person" }).click();
  const erasing = page.getByRole("dialog");
  await isAccessible(page, "erasing somebody");
  await erasing.getByLabel("I understand that nothing can bring it back").check();
  await erasing.getByRole("button", { name: "Erase for good" }).click();
  await page.getByRole("heading", { name: "Certificate of erasure" }).waitFor();
  await page.getByText("Everything was deleted").waitFor();
  await isAccessible(page, "a certificate of erasure");
  assert.deepEqual(await found(from), []);
  await leave(page);
});
