// The shared inbox: an answer comes by itself, people take over, and nothing that was typed is lost.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { agent, composer, inThread, owner, phoneShows, roaster, row, says, writesAnew } from "../../inbox.mjs";
import { api, isAccessible, leave, shut, until, writes } from "../../stage.mjs";

after(shut);

test("a customer is answered by the AI, then by a person, and given back", async () => {
  const page = await owner();
  const { from, open } = await writesAnew(roaster.try);
  await row(page, open).click();
  await inThread(page, "Rp 310.000").last().waitFor();
  await page.getByText("The AI answers", { exact: true }).waitFor();
  await isAccessible(page, "a conversation");

  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("You are answering").or(page.getByText("A person answers here")).first().waitFor();
  await says(page, "Halo, saya Sari. Ada yang bisa saya bantu lagi?");
  await inThread(page, "Halo, saya Sari.").last().waitFor();
  await phoneShows(from, "Halo, saya Sari.");

  await page.getByRole("button", { name: "Hand back to AI" }).click();
  await page.getByText("The AI answers", { exact: true }).waitFor();

  // Whatever was done stands in the audit log, in words.
  await page.goto(`/o/${roaster.slug}/audit`);
  await page.getByText("let the AI answer a conversation").first().waitFor();
  assert.equal(await page.getByRole("list", { name: "Audit log" }).getByText(/did: \w+\.\w+/).count(), 0);
  await leave(page);
});

test("whoever opens a conversation with the mouse writes in it, and everybody is known on whichever page one began", async () => {
  const { open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await owner();
  await row(page, open).click();
  await composer(page).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("Selamat pagi kak");
  assert.equal(await composer(page).inputValue(), "Selamat pagi kak");
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await page.getByRole("textbox", { name: "Note to your team" }).and(page.locator(":focus")).waitFor();

  // From the inbox to the members and back: both know everybody.
  await page.getByRole("link", { name: "Members" }).click();
  await page.getByRole("list", { name: "Members" }).getByText(roaster.agent_email).waitFor();
  await page.reload();
  await page.getByRole("list", { name: "Members" }).getByText(roaster.agent_email).waitFor();
  await page.getByRole("link", { name: /^Inbox/ }).click();
  // What was begun stands in the list, until it is gone on with.
  await row(page, open).getByText("Selamat pagi kak").waitFor();
  await row(page, open).click();
  await page.getByRole("button", { name: "Who takes care of this" }).click();
  await page.getByRole("menuitem").nth(1).waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Close the conversation" }).click();
  await row(page, open).getByText("Closed").waitFor();
  await page.getByRole("button", { name: "Reopen", exact: true }).click();
  await row(page, open).getByText("Closed").waitFor({ state: "detached" });
  await leave(page);
});

test("what was typed survives a reload, and what is sent without a connection goes out later", async () => {
  const { from, open } = await writesAnew(roaster.try);
  const page = await agent({ open });
  await composer(page).fill("Belum selesai menulis");
  await page.reload();
  await composer(page).waitFor();
  assert.equal(await composer(page).inputValue(), "Belum selesai menulis");

  await page.context().setOffline(true);
  await says(page, "Ditulis tanpa sambungan");
  await page.getByText("Ditulis tanpa sambungan").first().waitFor();
  await page.context().setOffline(false);
  await phoneShows(from, "Ditulis tanpa sambungan");
  await leave(page);
});

test("what one sends is seen, however far one had scrolled", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  for (let line = 1; line <= 12; line++) await writes(from, roaster, `Baris ${line} dari sebuah cerita panjang`);
  const page = await agent({ open });
  await inThread(page, "Baris 12 dari").waitFor();
  const thread = page.getByRole("region", { name: "Messages" });
  const below = () => thread.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);
  await thread.hover();
  await page.mouse.wheel(0, -600);
  await until(async () => (await below()) > 200, "the end is out of sight");
  await says(page, "Baik, saya baca");
  await phoneShows(from, "Baik, saya baca");
  await until(async () => (await below()) < 2, "one's own message is in sight");
  await leave(page);
});

test("two people see each other's work at once", async () => {
  const { open } = await writesAnew(roaster.try);
  const [one, two] = [await owner({ open }), await agent({ open })];
  await one.getByRole("button", { name: "Take over" }).click();
  await says(one, "Dari Sari");
  await two.getByText("Dari Sari").first().waitFor();
  await two.getByRole("button", { name: "Hand back to AI" }).waitFor();
  await leave(one);
  await leave(two);
});

for (const scheme of ["light", "dark"]) {
  for (const width of [390, 1280]) {
    test(`the inbox stands in nobody's way: ${scheme}, ${width} wide`, async () => {
      const page = await owner({ scheme, width, height: 800, locale: "id-ID" });
      await isAccessible(page, "the list");
      const { items } = await api(roaster, "GET", "conversations");
      await page.goto(`/o/${roaster.slug}/inbox/${items[0].id}`);
      await page.getByRole("textbox").last().waitFor();
      await isAccessible(page, "a thread");
      await leave(page);
    });
  }
}
