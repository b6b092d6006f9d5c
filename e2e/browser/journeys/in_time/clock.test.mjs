// What time alone brings about. The clock is everybody's: these go by themselves, after all others.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { link, owner as newcomer } from "../../connecting.mjs";
import { agent, composer, phone, roaster, stranger, writesAnew } from "../../inbox.mjs";
import { control, isAccessible, leave, shut, window } from "../../stage.mjs";

after(shut);

test("when the window closes, the page that is open says why and what may be sent instead", async () => {
  const { open } = await writesAnew(roaster.try);
  const page = await agent({ open });
  await control("clock", { advance_ms: 25 * 3600 * 1000 });
  try {
    await page.getByText("You cannot write freely here now").waitFor();
    await page.getByRole("button", { name: "Send a template" }).click();
    await page.getByRole("dialog").getByText("order_update").first().waitFor();
    await isAccessible(page, "choosing a template");
  } finally {
    await control("clock", { reset: true });
  }
  await composer(page).waitFor();
  await leave(page);
});

test("a link that has ended is told in a sentence", async () => {
  const { page: maker, org } = await newcomer();
  const address = await link(maker, org);
  const page = await window();
  await control("clock", { advance_ms: 25 * 3600 * 1000 });
  try {
    await page.goto(address);
    await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
  } finally {
    await control("clock", { reset: true });
  }
  await leave(page);
  await leave(maker);
});

for (const scheme of ["light", "dark"]) {
  test(`the tools beside the phone hurry time and break things: ${scheme}`, async () => {
    const from = stranger();
    await control("people", { phone: from, name: "Dewi" });
    const page = await phone(from, { scheme, width: 1280 });
    for (const tab of ["Phone", "Faults", "Log", "Time"]) {
      await page.getByRole("tab", { name: tab }).click();
      await isAccessible(page, `the tools: ${tab}`);
    }
    try {
      await page.getByRole("tabpanel").getByRole("button", { name: /^[+]/ }).first().click();
      await page.getByText(/ahead of this machine/).waitFor();
      await page.getByRole("button", { name: "Back to real time" }).click();
      await page.getByText("The same as this machine's.").waitFor();
      assert.equal((await control("clock", undefined, "GET")).offset_ms, 0);
    } finally {
      await control("clock", { reset: true });
    }
    await leave(page);
  });
}
