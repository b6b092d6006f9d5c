// Records come from a spreadsheet: what would happen is seen before it does, and what is wrong with a row is told beside it.
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { owner, roaster } from "../../inbox.mjs";
import { api, isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

test("a file of permits is looked at, mended and imported", async () => {
  const word = randomInt(1e6);
  const fields = [
    { key: "title", label: "Nama izin", kind: "text" },
    { key: "expires_on", label: "Berlaku sampai", kind: "date" },
  ];
  await api(roaster, "POST", "record-kinds", { name: `izin_${word}`, title: `Izin ${word}`, fields });
  const page = await owner();
  await page.goto(`/o/${roaster.slug}/records`);
  await page.getByRole("link", { name: "Import", exact: true }).click();
  await page.getByRole("combobox", { name: "Kind of records in the file" }).click();
  await page.getByRole("option", { name: `Izin ${word}` }).click();
  await isAccessible(page, "files of records");
  const lines = [
    "Nomor izin;Nama izin;No. HP;Berlaku sampai",
    `SIUP-${word};Kedai kopi;0812-3456-7890;21/12/2030`,
    `TDP-${word};Toko roti;bukan nomor;besok`,
  ];
  const buffer = Buffer.from(lines.join("\n"));
  await page.setInputFiles("input[type=file]", { name: `izin-${word}.csv`, mimeType: "text/csv", buffer });

  await page.getByRole("heading", { name: "Which column is what?" }).waitFor();
  await isAccessible(page, "the columns of a file of records");
  await page.getByRole("button", { name: "See what would happen" }).click();
  await page.getByRole("heading", { name: "What would happen" }).waitFor();
  await page.getByText("Write it as 0812 3456 7890").waitFor();
  await page.getByText("Write it as 31/12/2025").waitFor();
  await isAccessible(page, "what an import of records would do");
  await page.getByRole("button", { name: "Import 1 record" }).click();
  await page.getByRole("heading", { name: "Imported" }).waitFor();
  await isAccessible(page, "an import of records that is done");

  await page.getByRole("link", { name: "See records" }).click();
  await page.getByRole("textbox", { name: "Search by number or text" }).fill(`siup-${word}`);
  await page.getByRole("link", { name: `SIUP-${word}` }).click();
  await page.getByText("21 December 2030").waitFor();
  await leave(page);
});
