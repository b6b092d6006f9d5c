// The shared inbox: an answer comes by itself, people take over, and nothing that was typed is lost.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { api, control, isAccessible, leave, org, shut, signIn, window, writes } from "../stage.mjs";

const roaster = org("id");
after(shut);

/** The conversation with a customer, once it is there. */
async function conversation(name) {
  for (let tries = 0; tries < 100; tries++) {
    const { items } = await api(roaster, "GET", `conversations?q=${encodeURIComponent(name)}`);
    if (items[0]?.last_message) return items[0];
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no conversation with ${name}`);
}

/** Somebody's inbox, in a window of their own. */
async function inbox(email, password, wishes) {
  const page = await window(wishes);
  await signIn(page, email, password, `/o/${roaster.slug}/inbox`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

const owner = (wishes) => inbox(roaster.member_email, roaster.member_password, wishes);
const agent = (wishes) => inbox(roaster.agent_email, roaster.agent_password, wishes);

/** Waits until a message of the business has come to the customer's phone. */
function phoneShows(from, text) {
  const query = new URLSearchParams({ text, timeout_ms: 20000 });
  return control(`phones/${encodeURIComponent(from)}/wait?${query}`, undefined, "GET");
}

test("a customer is answered by the AI, then by a person, and given back", async () => {
  const customer = "+62 811 2000 0001";
  const page = await owner();
  await writes(customer, roaster, roaster.try);
  const row = page.getByRole("link", { name: /0001/ }).or(page.getByRole("option", { name: /0001/ })).first();
  await row.click();
  // The last of them stands in the thread; the list shows only how it begins.
  const said = (text) => page.getByRole("main").getByText(text).last();
  await said("Rp 310.000").waitFor();
  await page.getByText("The AI answers", { exact: true }).waitFor();
  await isAccessible(page, "a conversation");

  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("You are answering").or(page.getByText("A person answers here")).first().waitFor();
  const composer = page.getByRole("textbox", { name: /^Message to/ });
  await composer.fill("Halo, saya Sari. Ada yang bisa saya bantu lagi?");
  await composer.press("Enter");
  await said("Halo, saya Sari.").waitFor();
  await phoneShows(customer, "Halo, saya Sari.");

  await page.getByRole("button", { name: "Hand back to AI" }).click();
  await page.getByText("The AI answers", { exact: true }).waitFor();
  await leave(page);
});

test("what was typed survives a reload, and what is sent without a connection goes out later", async () => {
  const customer = "+62 811 2000 0002";
  await writes(customer, roaster, roaster.try);
  const { id } = await conversation("0002");
  const page = await agent();
  await page.goto(`/o/${roaster.slug}/inbox/${id}`);
  const composer = page.getByRole("textbox", { name: /^Message to/ });
  await composer.fill("Belum selesai menulis");
  await page.waitForTimeout(600);
  await page.reload();
  await composer.waitFor();
  assert.equal(await composer.inputValue(), "Belum selesai menulis");

  await page.context().setOffline(true);
  await composer.fill("Ditulis tanpa sambungan");
  await composer.press("Enter");
  await page.getByText("Ditulis tanpa sambungan").first().waitFor();
  await page.context().setOffline(false);
  await phoneShows(customer, "Ditulis tanpa sambungan");
  await leave(page);
});

test("two people see each other's work at once", async () => {
  const customer = "+62 811 2000 0003";
  await writes(customer, roaster, roaster.try);
  const { id } = await conversation("0003");
  const [one, two] = [await owner(), await agent()];
  for (const page of [one, two]) await page.goto(`/o/${roaster.slug}/inbox/${id}`);
  await one.getByRole("button", { name: "Take over" }).click();
  await one.getByRole("textbox", { name: /^Message to/ }).fill("Dari Sari");
  await one.keyboard.press("Enter");
  await two.getByText("Dari Sari").first().waitFor();
  await two.getByRole("button", { name: "Hand back to AI" }).waitFor();
  await leave(one);
  await leave(two);
});

test("when the window closes, the page that is open says why and what may be sent instead", async () => {
  const customer = "+62 811 2000 0004";
  await writes(customer, roaster, roaster.try);
  const { id } = await conversation("0004");
  const page = await agent();
  await page.goto(`/o/${roaster.slug}/inbox/${id}`);
  await page.getByRole("textbox", { name: /^Message to/ }).waitFor();
  await control("clock", { advance_ms: 25 * 3600 * 1000 });
  try {
    await page.getByText("You cannot write freely here now").waitFor();
    await page.getByRole("button", { name: "Send a template" }).click();
    await page.getByRole("dialog").getByText("order_update").first().waitFor();
    await isAccessible(page, "choosing a template");
  } finally {
    await control("clock", { reset: true });
  }
  await page.getByRole("textbox", { name: /^Message to/ }).waitFor();
  await leave(page);
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
