// A template from its first word to the customer's phone: written, looked at, submitted, approved by the emulator, sent from the
// inbox; paused by its readers, and seen to be.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { owner, phoneShows, roaster, writesAnew } from "../../inbox.mjs";
import { api, control, isAccessible, leave, shut, until } from "../../stage.mjs";

after(shut);

const list = (name) => api(roaster, "GET", `templates?words=${name}`);

test("a template with a gap and a button is written, approved and sent", async () => {
  const name = `pesanan_${randomInt(1e9)}`;
  const drink = `Kopi ${randomInt(1e6)}`;
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await owner({ open });
  await page.goto(`/o/${roaster.slug}/templates`);
  await page.getByRole("link", { name: "New template" }).click();
  await isAccessible(page, "beginning a template");
  await page.getByRole("button", { name: "Begin to write" }).click();

  await page.getByRole("textbox", { name: "Name" }).fill(name);
  const body = page.getByRole("textbox", { name: "Text", exact: true });
  await body.fill("{{1}}, pesanan Anda siap");
  await page.getByText("Put some words before the first gap").waitFor();
  await body.fill(`Halo {{1}}, pesanan ${drink} sudah siap diambil.`);
  await page.getByRole("textbox", { name: "Example for {{1}}" }).fill("Sari");
  await page.getByRole("button", { name: "Add a button" }).click();
  await page.getByRole("menuitem", { name: "Quick reply" }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("Saya datang");
  const preview = page.getByRole("img", { name: "How it looks on the phone" });
  await preview.getByText(`Halo Sari, pesanan ${drink} sudah siap diambil.`).waitFor();
  await preview.getByText("Saya datang").waitFor();
  await page.getByText("Kept", { exact: true }).waitFor();
  await isAccessible(page, "writing a template");
  await page.getByRole("button", { name: "Submit for review" }).click();

  const made = await until(
    async () => (await list(name)).items.find((one) => one.status === "APPROVED"),
    "the template is approved",
  );
  await page.goto(`/o/${roaster.slug}/templates/${made.id}`);
  await page.getByText("Approved", { exact: true }).first().waitFor();
  await isAccessible(page, "a template");

  await page.goto(`/o/${roaster.slug}/inbox/${open.id}`);
  await page.getByRole("button", { name: "Send something else" }).click();
  await page.getByRole("menuitem", { name: "Template" }).click();
  const dialog = page.getByRole("dialog", { name: "Send a template" });
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: new RegExp(name) }).click();
  await dialog.getByLabel("Text: {{1}}").fill("Budi");
  await dialog.getByRole("button", { name: "Send template" }).click();
  await phoneShows(from, `Halo Budi, pesanan ${drink} sudah siap diambil.`);

  await control(`templates/${made.meta_template_id}/review`, { act: "pause" });
  await page.goto(`/o/${roaster.slug}/templates/${made.id}`);
  await page.getByText(/WhatsApp paused it because people blocked/).first().waitFor();
  await page.getByRole("button", { name: "End the pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the pause" }).click();
  await until(async () => (await list(name)).items[0].status === "APPROVED", "the pause ends");
  const { history } = await api(roaster, "GET", `templates/${made.id}`);
  assert.ok(history.some((one) => one.kind === "unpaused" && one.author?.startsWith("member:")));
  await leave(page);
});
