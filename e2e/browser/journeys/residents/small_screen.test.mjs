// The main ways on a phone: one hand, a narrow screen, touch.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { agent, composer, inThread, owner, phoneShows, roaster, row, writesAnew } from "../../inbox.mjs";
import { isAccessible, isAtRest, leave, shut } from "../../stage.mjs";

after(shut);

const PHONE = { width: 390, height: 844, touch: true };

/** Nothing is wider than the screen. */
async function fits(page, what) {
  const [inside, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inside <= screen, `${what} is ${inside} wide on a screen of ${screen}`);
}

test("on a phone: the list, a thread, an answer, the details, and back", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const page = await agent(PHONE);
  await row(page, open).tap();
  await inThread(page, "Saya mau bicara dengan orang").waitFor();
  await fits(page, "a thread");
  await page.getByRole("button", { name: "I will answer" }).or(page.getByRole("button", { name: "Take over" })).tap();
  await page.getByText("You are answering", { exact: true }).waitFor();
  await composer(page).fill("Dari ponsel");
  await page.getByRole("button", { name: "Send", exact: true }).tap();
  await phoneShows(from, "Dari ponsel");
  await isAccessible(page, "a thread on a phone");

  await page.getByRole("button", { name: "Customer", exact: true }).tap();
  const details = page.getByRole("dialog", { name: "Customer" });
  await details.getByText("First seen").waitFor();
  await fits(page, "the details");
  await isAccessible(page, "the details on a phone");
  await details.getByRole("button", { name: "Close the details" }).tap();
  await details.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Back to the list" }).tap();
  await row(page, open).waitFor();
  await page.getByRole("navigation", { name: "Quick access" }).or(page.getByRole("link", { name: "Inbox" })).last().waitFor();
  await leave(page);
});

test("on a phone: knowledge is uploaded, and the way to connect is at hand", async () => {
  const page = await owner(PHONE);
  await page.goto(`/o/${roaster.slug}/knowledge`);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add", exact: true }).tap();
  await page.getByRole("menuitem", { name: "Upload files" }).tap();
  // The same file twice would be refused.
  const name = `Jam buka ${Date.now()}`;
  const buffer = Buffer.from(`# ${name}\nKami buka setiap hari pukul 9 sampai 18.`);
  await (await chooser).setFiles({ name: `${name}.txt`, mimeType: "text/plain", buffer });
  const source = page.getByRole("listitem").filter({ hasText: name });
  await source.getByText("In use").waitFor();
  await fits(page, "knowledge");
  await isAccessible(page, "knowledge on a phone");

  await page.goto(`/o/${roaster.slug}/connect`);
  await page.getByRole("button", { name: "Connect WhatsApp" }).waitFor();
  await fits(page, "connecting");
  await isAccessible(page, "connecting on a phone");
  await leave(page);
});

for (const address of ["", "/inbox", "/settings"]) {
  test(`written from the right, nothing sticks out: ${address || "the first page"}`, async () => {
    const page = await owner();
    await page.goto(`/o/${roaster.slug}${address}?dir=rtl`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), "rtl");
    await isAccessible(page, `${address} from the right`);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await isAtRest(page);
      await fits(page, address);
    }
    await leave(page);
  });
}
