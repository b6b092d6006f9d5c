// Whoever runs the installation: every page of theirs, in both themes, and what they do there most.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { facts, isAccessible, leave, org, shut, signIn, window } from "../../stage.mjs";

after(shut);

const PAGES = ["organisations", "connections", "meta-apps", "providers", "readiness", "kept", "dead-jobs", "audit", "keys"];

for (const scheme of ["light", "dark"]) {
  test(`no page of the operator stands in anybody's way: ${scheme}`, async () => {
    const page = await window({ scheme });
    await signIn(page, facts.operator.email);
    for (const address of PAGES) {
      await page.goto(`/operator/${address}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await isAccessible(page, address);
    }
    await leave(page);
  });
}

test("an operator opens an organisation, stops it, and lets it go on", async () => {
  const name = `Toko Uji ${randomInt(1e6)}`;
  const page = await window();
  await signIn(page, facts.operator.email, undefined, "/operator/organisations");
  await page.getByRole("button", { name: "New organisation" }).click();
  const making = page.getByRole("dialog", { name: "New organisation" });
  await making.getByLabel("Name", { exact: true }).fill(name);
  await making.getByLabel("E-mail address of its first owner").fill(`${name.replaceAll(" ", ".").toLowerCase()}@example.com`);
  await isAccessible(page, "making an organisation");
  await making.getByRole("button", { name: "Make it" }).click();
  await making.getByRole("button", { name: "Done" }).click();

  const row = page.getByRole("listitem").filter({ hasText: name });
  const decide = async (what) => {
    await row.getByRole("button", { name: `What can be done about ${name}` }).click();
    await page.getByRole("menuitem", { name: what }).click();
    await page.getByRole("dialog").getByRole("button", { name: what }).click();
  };
  await decide("Suspend");
  await row.getByText("Suspended").waitFor();
  await isAccessible(page, "an organisation that is suspended");
  await decide("Let it work again");
  await row.getByText("Active").waitFor();
  await leave(page);
});

test("nobody else comes to the operator's pages", async () => {
  const { member_email: email, member_password: password } = org("id");
  const page = await window();
  await signIn(page, email, password, "/operator/organisations");
  await page.getByText("This is for whoever runs the installation.").waitFor();
  assert.equal(await page.getByText("Harbour Clinic").count(), 0);
  // The refusal, which the router tells the console too, is no fault of the page here.
  page.faults.length = 0;
  await leave(page);
});
