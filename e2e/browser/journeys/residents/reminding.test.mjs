// People keep records and have customers reminded of the days in them: who would get it is seen before anybody does.
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { owner, phoneShows, roaster, writesAnew } from "../../inbox.mjs";
import { api, isAccessible, leave, shut } from "../../stage.mjs";

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

test("a reminder goes by a day, a condition and another channel, and says what it would cost", async () => {
  const { from, open } = await writesAnew("Kapan izin saya habis?");
  await phoneShows(from, "");
  const word = randomInt(1e6);
  const fields = [
    { key: "expires_on", label: "Berlaku sampai", kind: "date" },
    { key: "status", label: "Status", kind: "text" },
  ];
  await api(roaster, "POST", "record-kinds", { name: `izin_${word}`, title: `Izin ${word}`, fields });
  const record = (n, status) =>
    api(roaster, "POST", "records", {
      kind: `izin_${word}`,
      external_id: `S-${word}-${n}`,
      contact: { phone: `+${from}` },
      data: { expires_on: day(31), status },
    });
  await Promise.all([record(1, "Aktif"), record(2, "Batal")]);

  const page = await owner({ open });
  await page.goto(`/o/${roaster.slug}/notifications/new`);
  await page.getByLabel("Name", { exact: true }).fill(`Izin hampir habis ${word}`);
  await page.getByRole("combobox", { name: "Records of this kind" }).click();
  await page.getByRole("option", { name: `Izin ${word}` }).click();
  await page.getByRole("button", { name: "Only records where" }).click();
  await page.getByRole("combobox", { name: "Field of condition 1" }).click();
  await page.getByRole("option", { name: "Status" }).click();
  await page.getByRole("textbox", { name: "Value of condition 1" }).fill("aktif");
  await page.getByLabel("Days", { exact: true }).fill("30");
  await page.getByRole("switch", { name: "By each person's own clock" }).click();
  await page.getByLabel("Not after").fill(`${day(90)}T12:00`);
  await page.getByRole("combobox", { name: "Template" }).click();
  await page.getByRole("option", { name: "pengingat_janji" }).click();
  await page.getByRole("combobox", { name: "{{1}}" }).click();
  await page.getByRole("option", { name: "Always this text" }).click();
  await page.getByLabel("Always this text").first().fill("Pelanggan");
  await page.getByRole("combobox", { name: "{{2}}" }).click();
  await page.getByRole("option", { name: "Berlaku sampai" }).click();
  await page.getByRole("button", { name: "Limit WhatsApp's time" }).click();
  await page.getByRole("button", { name: "Leave out" }).click();
  await isAccessible(page, "everything that a notification may be");
  await page.getByRole("button", { name: "Look" }).click();
  await page.getByText("By Meta's list prices about").waitFor();
  await page.getByText(`S-${word}-1`).waitFor();
  if ((await page.getByText(`S-${word}-2`).count()) > 0) throw new Error("what does not fit the condition is in the preview");
  await isAccessible(page, "who would get it, and what that costs");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: `Izin hampir habis ${word}` }).waitFor();
  await page.getByText("30 days before, at 09:00").waitFor();
  await leave(page);
});
