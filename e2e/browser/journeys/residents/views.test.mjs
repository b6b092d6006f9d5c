// What an agent arranges for themselves: views, labels, a moment to come back at, writing first, a voice note.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { agent, roaster, stranger, writesAnew } from "../../inbox.mjs";
import { api, isAccessible, leave, shut, until } from "../../stage.mjs";

after(shut);

/** Tells runs on the same demo apart. */
const run = Date.now().toString(36);

/** Taken by WhatsApp. */
const GONE = ["sent", "delivered", "read"];

/** A message of this kind that the business wrote, once it stands so. */
function wrote(id, kind, states) {
  return until(async () => {
    const { items } = await api(roaster, "GET", `conversations/${id}/messages`);
    return items.find((one) => one.direction === "outbound" && one.kind === kind && states.includes(one.state));
  }, `a message: ${kind}, ${states}`);
}

test("a label is given, a view of it is saved, renamed, reached by its address, and deleted", async () => {
  const { open } = await writesAnew(roaster.try);
  const label = `refund ${run}`;
  const page = await agent({ width: 1440, open });
  const field = page.getByRole("combobox", { name: "Labels of this conversation" });
  await field.fill(label);
  await field.press("Enter");
  await page.getByRole("listitem").getByText(label).first().waitFor();

  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("combobox", { name: "Label of the conversation" }).click();
  await page.getByRole("option", { name: label }).click();
  await page.getByRole("button", { name: "Save as a view" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`Refunds ${run}`);
  await isAccessible(page, "saving a view");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const views = page.getByRole("navigation", { name: "Views" });
  await views.getByRole("button", { name: `Refunds ${run}`, exact: true }).and(page.locator("[aria-current]")).waitFor();

  await page.getByRole("button", { name: `Actions for “Refunds ${run}”` }).click();
  await page.getByRole("menuitem", { name: "Rename the view" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`Money back ${run}`);
  await page.keyboard.press("Enter");
  await views.getByRole("button", { name: `Money back ${run}`, exact: true }).waitFor();

  await page.goto(`/o/${roaster.slug}/inbox${new URL(page.url()).search}`);
  await page.getByRole("list", { name: "Conversations" }).getByRole("listitem").waitFor();
  assert.equal(await page.getByRole("list", { name: "Conversations" }).getByRole("listitem").count(), 1);
  await isAccessible(page, "a saved view");

  await page.getByRole("button", { name: `Actions for “Money back ${run}”` }).click();
  await page.getByRole("menuitem", { name: "Delete the view" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete the view" }).click();
  await views.getByRole("button", { name: `Money back ${run}`, exact: true }).waitFor({ state: "detached" });
  await leave(page);
});

test("a conversation is put off until a moment of one's own", async () => {
  const { open } = await writesAnew(roaster.try);
  const page = await agent({ scheme: "dark", open });
  const ask = async (moment) => {
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Choose a date and time…" }).click();
    await page.getByLabel("Date and time").fill(moment);
    await page.getByRole("dialog").getByRole("button", { name: "Snooze" }).click();
  };
  await ask("2020-01-01T09:00");
  await page.getByText("Choose a moment that is still to come.").waitFor();
  await isAccessible(page, "choosing a moment");
  await page.getByLabel("Date and time").fill("2099-12-24T18:30");
  await page.keyboard.press("Enter");
  await page.getByText(/^Snoozed until .*2099/).waitFor();
  await page.getByRole("button", { name: "Show again now" }).click();
  await page.getByText(/^Snoozed until/).waitFor({ state: "detached" });
  await leave(page);
});

test("somebody new is written to first with a template, by keyboard; whoever said no is not", async () => {
  const page = await agent({ width: 390 });
  // Nothing takes keys before the page is there.
  await page.getByRole("button", { name: "New conversation" }).waitFor();
  await page.keyboard.press("c");
  const to = page.getByRole("dialog").getByRole("textbox", { name: "To", exact: true });
  const digits = stranger().slice(2);
  await to.fill(`0${digits}`);
  await page.getByRole("button", { name: `Write to 0${digits}` }).waitFor();
  await isAccessible(page, "with whom");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  // Nobody has agreed to anything yet: the reason stands there, and the way on.
  await page.getByText("may not be written to first").waitFor();
  await isAccessible(page, "what may be said first");

  const { items } = await api(roaster, "GET", `contacts?q=${digits}`);
  const consent = { action: "opt_in", purpose: "utility", wording: "Ya, kabari saya." };
  await api(roaster, "POST", `contacts/${items[0].id}/consent`, consent);
  await page.reload();
  await page.getByRole("button", { name: "New conversation" }).click();
  await to.fill(digits);
  await page.getByRole("dialog").getByRole("button", { name: new RegExp(digits) }).click();
  await page.getByText("Begin with a template").waitFor();
  const first = page.getByRole("dialog").getByRole("button", { name: /Utility/ }).first();
  await first.click();
  for (const gap of await page.getByRole("dialog").getByRole("textbox").all()) await gap.fill("Senin");
  await page.getByRole("dialog").getByRole("button", { name: "Send template" }).click();
  await page.waitForURL(/\/inbox\/.+/);
  // Templates of the demo wait until Meta has a way to be paid.
  await wrote(new URL(page.url()).pathname.split("/").pop(), "template", ["queued", ...GONE]);
  await leave(page);
});

test("a voice note is recorded, listened to and sent, or discarded", async () => {
  const { open } = await writesAnew(roaster.try);
  const page = await agent({ open });
  await page.context().grantPermissions(["microphone"]);
  const record = page.getByRole("button", { name: "Record a voice note" });
  await record.click();
  await page.getByRole("button", { name: "Stop recording" }).waitFor();
  // Wherever the focus is, Escape ends the recording and not the conversation.
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Escape");
  await record.click();
  await page.getByText("0:01", { exact: true }).waitFor();
  // Hints stand where the mouse does.
  await page.mouse.move(0, 0);
  await isAccessible(page, "recording");
  await page.getByRole("button", { name: "Stop recording" }).click();
  await page.getByRole("button", { name: "Play" }).last().waitFor();
  await page.getByRole("button", { name: "Send the voice note" }).click();
  const { content } = await wrote(open.id, "audio", GONE);
  assert.equal(content.audio.voice, true);
  await leave(page);
});
