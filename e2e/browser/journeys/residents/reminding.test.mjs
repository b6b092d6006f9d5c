// People keep records and have customers reminded of the days in them: who would get it is seen before anybody does.
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { owner, phoneShows, roaster, writesAnew } from "../../inbox.mjs";
import { isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

/** A day so many days from now, as a field of days takes it. */
const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

test("a record with a day becomes a message that goes out when it is run, once", async () => {
  const { from, open } = await writesAnew("Apakah kopinya halal?");
  await phoneShows(from, "");
  const page = await owner({ open });
  const word = randomInt(1e6);

  await page.goto(`/o/${roaster.slug}/records/kinds`);
  await page.getByRole("button", { name: "New kind" }).click();
  const kind = page.getByRole("dialog", { name: "New kind" });
  await kind.getByLabel("What you call them").fill(`Izin ${word}`);
  await kind.getByLabel("Field 1", { exact: true }).fill("Berlaku sampai");
  await isAccessible(page, "a new kind of records");
  await kind.getByRole("button", { name: "Save" }).click();
  await page.getByText(`Izin ${word}`).waitFor();

  await page.goto(`/o/${roaster.slug}/records/add`);
  await page.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: `Izin ${word}` }).click();
  await page.getByLabel("Number or name").fill(`SIUP-${word}`);
  await page.getByLabel("Phone number of the person").fill(`+${from}`);
  await page.getByLabel("Berlaku sampai").fill(day(40));
  await isAccessible(page, "adding a record");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: `SIUP-${word}` }).waitFor();
  await isAccessible(page, "a record");

  await page.goto(`/o/${roaster.slug}/notifications/new`);
  await page.getByLabel("Name", { exact: true }).fill(`Izin hampir habis ${word}`);
  await page.getByRole("combobox", { name: "Records of this kind" }).click();
  await page.getByRole("option", { name: `Izin ${word}` }).click();
  await page.getByText("When a program calls").click();
  await page.getByRole("combobox", { name: "Template" }).click();
  await page.getByRole("option", { name: "pengingat_janji" }).click();
  await page.getByRole("combobox", { name: "{{1}}" }).click();
  await page.getByRole("option", { name: "Name of the contact" }).click();
  await page.getByRole("combobox", { name: "{{2}}" }).click();
  await page.getByRole("option", { name: "Berlaku sampai" }).click();
  await page.getByRole("img", { name: "On the phone" }).getByText("kami ingatkan").waitFor();
  await page.getByLabel("If that is empty").first().fill("Pelanggan");
  await page.getByRole("button", { name: "Look" }).click();
  await page.getByText("Gets it", { exact: true }).waitFor();
  await isAccessible(page, "writing a notification");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: `Izin hampir habis ${word}` }).waitFor();
  await isAccessible(page, "a notification");

  await page.getByRole("button", { name: "Run now" }).click();
  const sure = page.getByRole("dialog");
  await sure.getByRole("button", { name: "Run now" }).click();
  await page.getByText("Done", { exact: true }).waitFor();
  await page.getByRole("list", { name: "People" }).getByText("Gets it").waitFor();
  await isAccessible(page, "a run");
  await phoneShows(from, "kami ingatkan");
  await leave(page);
});
