// Connecting with pasted values: each is tried on Meta while it is entered, and nothing is kept before all of them fit.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { asks, business, connected, owner, ownApp, token } from "../../connecting.mjs";
import { isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

/** A field of the form, by its label. */
const field = (page, label) => page.getByLabel(label, { exact: true });

/** Enters a value and reads what is said beside its field. */
async function enters(page, label, value, said) {
  await field(page, label).fill(value);
  await page.getByText(said).first().waitFor();
  return field(page, label).getAttribute("aria-invalid");
}

test("with the operator's app: every value is judged beside its field, and the number is connected", async () => {
  const [at, other] = [await business(), await business()];
  const { page, org } = await owner();
  await page.goto(`/o/${org.slug}/connect/manual`);
  for (const drawing of [/Business Settings with System users/, /WhatsApp Manager with Phone numbers/]) {
    await page.getByRole("img", { name: drawing }).waitFor();
  }
  const connect = page.getByRole("button", { name: "Connect", exact: true });
  assert.equal(await enters(page, "Token", "EAACUTOFF", "Meta cannot read this token"), "true");
  await isAccessible(page, "a wrong token");

  const silent = await token(at, { scopes: ["whatsapp_business_management"] });
  await enters(page, "Token", silent, "Meta does not list both WhatsApp permissions for this token.");
  await enters(page, "Token", await token(at), "Found:");
  await enters(page, "WhatsApp Business account id", at.account, `Found: ${at.name}`);
  assert.equal(await enters(page, "Phone number id", other.number, "This number is not in this messaging account."), "true");
  await isAccessible(page, "a number of another account");
  assert.ok(await connect.isDisabled());
  await enters(page, "Phone number id", at.number, `Found: ${at.display}`);
  await page.getByText("Everything fits.", { exact: true }).waitFor();
  for (const noun of ["connections", "accounts"]) {
    assert.deepEqual((await asks(page, "GET", `orgs/${org.id}/${noun}`)).items, [], `no ${noun} yet`);
  }
  await isAccessible(page, "everything fits");
  await connect.click();
  await page.waitForURL("**/connections/*");
  await connected(page, at);
  await leave(page);
});

test("with an app of one's own: a wrong secret is told beside it, and what Meta has to know is shown once", async () => {
  const at = await business();
  const app = await ownApp(at);
  const { page, org } = await owner();
  await page.goto(`/o/${org.slug}/connect/manual`);
  await enters(page, "Token", await token(at, { app_id: app.id }), "This token is of an app that is not known here.");
  await page.getByRole("switch", { name: "The token is of an app of our own" }).check({ force: true });
  await page.getByRole("img", { name: /App Dashboard with App settings/ }).waitFor();
  await field(page, "WhatsApp Business account id").fill(at.account);
  await field(page, "Phone number id").fill(at.number);
  await field(page, "App id").fill(app.id);
  assert.equal(await enters(page, "App secret", "b".repeat(32), "Meta does not accept the app's secret."), "true");
  await isAccessible(page, "a wrong secret");
  await field(page, "App secret").fill(app.secret);
  await page.getByText("Everything fits.", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("heading", { name: "One last thing at Meta" }).waitFor();
  await isAccessible(page, "one last thing");
  await page.getByRole("button", { name: "Done: show me the steps" }).click();
  await connected(page, at);
  await leave(page);
});
