// People teach the AI and call each other: corrections become knowledge, and whoever a note names is told.
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { agent, composer, inThread, owner, phoneShows, roaster, writesAnew } from "../../inbox.mjs";
import { isAccessible, leave, shut, writes } from "../../stage.mjs";

after(shut);

test("an answer that was corrected is given right the next time", async () => {
  const word = `Kopi Uji${randomInt(1e6)}`;
  const { from, open } = await writesAnew(`Berapa harga ${word}?`);
  await phoneShows(from, "");
  const page = await owner({ open });
  const answered = page.getByRole("article", { name: "Message from AI" }).first();
  await answered.hover();
  await answered.getByRole("button", { name: "Actions for this message" }).click();
  await page.getByRole("menuitem", { name: "Sources of this answer" }).click();
  const dialog = page.getByRole("dialog", { name: "Sources of this answer" });
  await dialog.getByRole("button", { name: "Correct this answer" }).click();
  await dialog.getByLabel("Right answer").fill(`Harga ${word} adalah Rp 99.000.`);
  await isAccessible(page, "correcting an answer");
  await dialog.getByRole("button", { name: "Save as question and answer" }).click();
  await dialog.waitFor({ state: "detached" });

  const second = await writesAnew("Halo");
  await writes(second.from, roaster, `Berapa harga ${word}?`);
  await phoneShows(second.from, "Rp 99.000");
  await page.goto(`/o/${roaster.slug}/knowledge`);
  await page.getByText("Corrections of the AI's answers").first().waitFor();
  await leave(page);
});

test("whoever is called in a note is told at once, and comes to it with one press", async () => {
  const { open } = await writesAnew("Saya mau bicara dengan orang");
  const [sari, budi] = await Promise.all([owner({ open }), agent()]);
  await sari.getByRole("button", { name: "Note", exact: true }).click();
  const note = sari.getByRole("textbox", { name: "Note to your team" });
  await note.pressSequentially("Tolong lihat @Bud");
  await sari.getByRole("option", { name: "Budi Santoso" }).waitFor();
  await isAccessible(sari, "calling somebody in a note");
  await note.press("Enter");
  await note.pressSequentially("ya");
  await note.press("Enter");
  await sari.getByRole("article", { name: "Note by You" }).getByText("@Budi Santoso").waitFor();
  const alert = budi.getByRole("alert").filter({ hasText: "Sari Wulandari mentioned you" });
  await alert.getByRole("button", { name: "Open" }).click();
  await inThread(budi, "@Budi Santoso").waitFor();
  await composer(budi).waitFor();
  for (const page of [sari, budi]) await leave(page);
});
