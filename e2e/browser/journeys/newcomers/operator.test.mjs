// Whoever runs the installation: every page of theirs, in both themes, and what they do there most.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test } from "node:test";
import { facts, isAccessible, leave, org, shut, signIn, window } from "../../stage.mjs";

after(shut);

const PAGES = ["organisations", "connections", "meta-apps", "providers", "readiness", "kept", "health", "dead-jobs", "audit", "keys"];

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

test("an operator sees what is slow and why, and goes where it is mended", async () => {
  const page = await window();
  await signIn(page, facts.operator.email, undefined, "/operator/health");
  const figures = page.getByRole("region", { name: "Figures" });
  await figures.getByText(/^(SQLite|PostgreSQL), /).waitFor();
  await figures.getByText("Webhooks to be applied").waitFor();
  await page.getByRole("region", { name: "Queues" }).waitFor();

  // The same page on a worse day.
  await page.route("**/api/v1/operator/health", async (route) => {
    const answer = await route.fetch();
    const health = await answer.json();
    const finding = (code, level, en, where) => ({
      code,
      level,
      sentence: { en, id: `id: ${en}` },
      remedy: { en: "Mend it.", id: "Perbaiki." },
      page: where,
      org_id: null,
    });
    health.findings = [
      finding("queue_behind", "bad", "Sending messages falls behind: 12,345 due, the oldest for 10 minutes.", null),
      finding("dead_jobs", "warn", "Jobs given up after many tries: 2.", "dead-jobs"),
      finding("kept_updates", "note", "Updates of Meta's that could not be applied are kept: 3.", "kept-updates"),
    ];
    health.queues = [
      { queue: "deliver", due: 12345, waiting: 3, running: 8, expired: 0, dead: 2, oldest_due_seconds: 600 },
    ];
    await route.fulfill({ response: answer, json: health });
  });
  await page.reload();
  const findings = page.getByRole("list", { name: "What wants looking after" });
  await findings.getByText("Sending messages falls behind").waitFor();
  assert.equal(await findings.getByRole("listitem").count(), 3);
  await page.getByRole("row", { name: /deliver 12,345 3 8 2 10 min/ }).waitFor();
  await isAccessible(page, "a worse day");
  await findings.getByRole("listitem").filter({ hasText: "given up" }).getByRole("link", { name: "Have a look" }).click();
  await page.getByRole("heading", { level: 1, name: "Dead jobs" }).waitFor();
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
