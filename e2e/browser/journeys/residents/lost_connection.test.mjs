// The connection goes and comes: the page says so, loses nothing that was typed, and catches up by itself.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { agent, composer, conversation, inThread, phoneShows, received, roaster, row, says, stranger, writesAnew } from "../../inbox.mjs";
import { isAccessible, leave, shut, until, writes } from "../../stage.mjs";

after(shut);

const LOST = "The connection was lost";

test("a lost connection is told, and what was written meanwhile comes in by itself, in order and once", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open });
  await page.context().setOffline(true);
  await page.getByText(LOST).waitFor();
  await isAccessible(page, "without a connection");

  // What is typed stays; what is sent waits; what customers write meanwhile is not seen yet.
  await says(page, "Pertama tanpa sambungan");
  await says(page, "Kedua tanpa sambungan");
  await composer(page).fill("Masih ditulis");
  await page.getByText("Sent once you are online").first().waitFor();
  const words = ["satu", "dua", "tiga", "empat"].map((word) => `Kabar ${word}`);
  for (const word of words) await writes(from, roaster, word);
  const newcomer = stranger();
  await writes(newcomer, roaster, "Saya pelanggan baru");
  const another = await conversation(newcomer);
  assert.equal(await inThread(page, "Kabar satu").count(), 0);

  await page.context().setOffline(false);
  await page.getByText(LOST).waitFor({ state: "detached" });
  await inThread(page, "Kabar empat").waitFor();
  await row(page, another).waitFor();
  await phoneShows(from, "Kedua tanpa sambungan");
  assert.equal(await composer(page).inputValue(), "Masih ditulis");

  const texts = async () => (await page.getByRole("article").allInnerTexts()).map((text) => /Kabar \w+|\w+ tanpa sambungan/.exec(text)?.[0]).filter(Boolean);
  await until(async () => (await texts()).length >= 6, "everything stands in the thread");
  const shown = await texts();
  assert.deepEqual(shown.filter((text) => text.startsWith("Kabar")), words);
  assert.deepEqual(shown.filter((text) => text.endsWith("sambungan")), ["Pertama tanpa sambungan", "Kedua tanpa sambungan"]);
  const sent = (await received(from)).map((one) => one.text).filter((text) => text.endsWith("tanpa sambungan"));
  assert.deepEqual(sent.sort(), ["Kedua tanpa sambungan", "Pertama tanpa sambungan"]);
  await leave(page);
});

test("an answer that is lost on the way back is not sent twice", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent({ open });
  // The server takes the message, and the browser never hears of it.
  let lost = 0;
  await page.route(`**/conversations/${open.id}/messages`, async (route) => {
    if (route.request().method() !== "POST" || lost++ > 0) return route.fallback();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await says(page, "Hanya sekali saja");
  await phoneShows(from, "Hanya sekali saja");
  await inThread(page, "Hanya sekali saja").waitFor();
  await page.getByText("Sent once you are online").waitFor({ state: "detached" });
  assert.equal((await received(from)).filter((one) => one.text === "Hanya sekali saja").length, 1);
  assert.equal(await inThread(page, "Hanya sekali saja").count(), 1);
  await leave(page);
});
