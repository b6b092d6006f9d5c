// The whole of the main way by keyboard alone: whoever cannot use a mouse works as fast as anybody else.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { inThread, phoneShows, roaster, writesAnew } from "../../inbox.mjs";
import { isAccessible, leave, shut, until, window } from "../../stage.mjs";

after(shut);

/** Presses a key until something has the focus, as somebody does who looks for it. */
async function tabTo(page, what, key = "Tab") {
  for (let presses = 0; presses < 40; presses++) {
    if (await what.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`the keyboard does not reach ${what}`);
}

test("from signing in to snoozing, no mouse is needed", async () => {
  const [first, second] = [await writesAnew("Saya mau bicara dengan orang"), await writesAnew(roaster.try)];
  await phoneShows(second.from, "Rp 310.000");
  const page = await window();
  const { keyboard } = page;
  // Nothing below may touch the mouse.
  for (const way of ["click", "move", "down", "dblclick", "wheel"]) page.mouse[way] = () => assert.fail("a mouse was used");

  await page.goto(`/o/${roaster.slug}/inbox`);
  await page.locator("input[type=email]:focus").waitFor();
  await keyboard.type(roaster.agent_email);
  await keyboard.press("Tab");
  await keyboard.type(roaster.agent_password);
  await keyboard.press("Enter");
  await page.locator(`[data-row="${first.open.id}"]`).waitFor();

  // Down the list to the first customer, back up, and into it.
  const isOn = (open) => until(() => page.locator(`[data-row="${open.id}"]:focus`).count(), "the row has the focus");
  await keyboard.press("j");
  for (let rows = 0; rows < 40 && !(await page.locator(`[data-row="${second.open.id}"]:focus`).count()); rows++) await keyboard.press("ArrowDown");
  await isOn(second.open);
  await keyboard.press("j");
  await isOn(first.open);
  await keyboard.press("k");
  await isOn(second.open);
  await keyboard.press("Enter");
  await inThread(page, "Rp 310.000").first().waitFor();

  // What somebody types beside the field changes nothing.
  await keyboard.type("sehaz");
  await page.getByText("The AI answers", { exact: true }).waitFor();

  // Take over, reply, hand back.
  await keyboard.press("Alt+o");
  await page.getByText("Answered by a person").or(page.getByText("You are answering")).waitFor();
  await keyboard.press("Alt+t");
  await page.getByText("You are answering", { exact: true }).waitFor();
  await keyboard.press("r");
  await keyboard.type("Ditulis tanpa tetikus");
  await keyboard.press("Enter");
  await phoneShows(second.from, "Ditulis tanpa tetikus");
  await keyboard.press("Escape");
  await keyboard.press("Alt+o");
  await page.getByText("The AI answers", { exact: true }).waitFor();

  // A note for the team.
  await keyboard.press("n");
  await page.getByRole("textbox", { name: "Note to your team" }).and(page.locator(":focus")).waitFor();
  await keyboard.type("Dicatat tanpa tetikus");
  await keyboard.press("Enter");
  await page.getByRole("article", { name: /^Note by/ }).getByText("Dicatat tanpa tetikus").waitFor();
  await keyboard.press("Escape");

  // The list of keys, and away with it.
  await keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await keys.getByText("Leave a note").waitFor();
  await isAccessible(page, "the list of keys");
  await keyboard.press("Escape");
  await keys.waitFor({ state: "detached" });

  // Search and open what was found.
  await keyboard.press("/");
  await keyboard.type("tetikus");
  const found = page.locator("a[href*=\"message=\"]").first();
  await found.waitFor();
  await tabTo(page, found);
  await keyboard.press("Enter");
  await inThread(page, "Ditulis tanpa tetikus").first().waitFor();

  // Snooze through the key's menu; it leaves the open conversations.
  await keyboard.press("Alt+s");
  const tomorrow = page.getByRole("menuitem", { name: /^Tomorrow/ });
  await tomorrow.waitFor();
  await tabTo(page, tomorrow, "ArrowDown");
  await keyboard.press("Enter");
  await page.getByText(/^Snoozed until/).waitFor();
  await leave(page);
});
