// Connecting through Meta's window: the straight way, and everything that may go wrong on it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { asks, business, cancels, chooses, connected, connectedOwner, opens, owner, shares, step } from "../../connecting.mjs";
import { control, isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

test("from the button to the first message, every step with its result and its proof, as it happens", async () => {
  const at = await business();
  const { page, org } = await owner();
  await page.goto(`/o/${org.slug}/connect`);
  await page.getByRole("button", { name: "Connect WhatsApp", exact: true }).waitFor();
  await isAccessible(page, "before connecting");
  const dialog = await opens(page);
  await page.getByText("Meta's window is open").waitFor();
  await isAccessible(page, "while the window is open");
  await chooses(dialog, at);
  await shares(dialog);

  await page.waitForURL("**/connections/*");
  await connected(page, at);
  await step(page, "Access proved").getByText(`The access reaches WhatsApp account ${at.account}.`).waitFor();
  await step(page, "Number registered").getByText("Meta shows your number as connected.").waitFor();
  await step(page, "Number registered").getByText("Facts and proof").click();
  await step(page, "Number registered").getByText('"proof"').waitFor();
  await step(page, "Somebody pays Meta").getByText("Your turn").waitFor();
  await isAccessible(page, "connected, unpaid");

  // What is still missing is mended elsewhere, and the page follows by itself.
  await control("client-actions", { action: "add_payment", waba_id: at.account });
  await step(page, "Somebody pays Meta").getByRole("button", { name: "Look now" }).click();
  await step(page, "Somebody pays Meta").getByText("A payment method is in place.").waitFor();
  await control("inbound", { from: "+62 811 3000 0001", to: at.number, text: { body: "Halo" } });
  await step(page, "First message has arrived").getByText("A message has arrived").waitFor();
  await page.getByText("Messages come in and can be answered.").waitFor();
  await isAccessible(page, "live");
  await leave(page);
});

test("a window that is left on a later screen is told as such, and is taken up again another day", async () => {
  const at = await business();
  const { page, org } = await owner();
  await page.goto(`/o/${org.slug}/connect`);
  const dialog = await opens(page);
  await chooses(dialog, at);
  await cancels(dialog);
  await page.getByText("You left before the last screen").waitFor();
  await page.getByText("You had come to this screen: reviewing what you share.").waitFor();
  await isAccessible(page, "left on the way");

  await page.reload();
  await page.getByRole("link", { name: /^Begun on/ }).click();
  await page.getByText("You had come to this screen: reviewing what you share.").waitFor();
  await page.getByText("Your turn").waitFor();
  await isAccessible(page, "to be taken up");
  const again = await opens(page, "Open Meta's window");
  await chooses(again, at);
  await shares(again);
  await connected(page, at);
  assert.equal((await asks(page, "GET", `orgs/${org.id}/connections`)).items.length, 1);
  await leave(page);
});

test("a window that is closed at once is told and opened again from the connection's page; Meta's refusal is repeated", async () => {
  const { page, org } = await owner();
  await page.goto(`/o/${org.slug}/connect`);
  await (await opens(page)).close();
  await page.getByText("The window was closed").waitFor();
  await isAccessible(page, "closed");
  await page.reload();
  await page.getByRole("link", { name: /^Begun on/ }).click();
  await page.getByText("Go on where you stopped").waitFor();
  await isAccessible(page, "begun");

  await control("signup/scenarios", { outcome: "error", error_message: "Your verified name violates WhatsApp guidelines." });
  await opens(page, "Open Meta's window");
  const confirmed = step(page, "Sign-up confirmed");
  await confirmed.getByText("Meta showed an error during sign-up.").waitFor();
  await confirmed.getByText("Your verified name violates WhatsApp guidelines.").first().waitFor();
  await isAccessible(page, "refused in the window");
  await leave(page);
});

test("the same account connected once more is renewed: nothing is there twice, and the page says so", async () => {
  const { page, org, at } = await connectedOwner();
  await page.goto(`/o/${org.slug}/connect`);
  const dialog = await opens(page);
  await chooses(dialog, at);
  await shares(dialog);
  await page.waitForURL("**/connections/*");
  await page.getByText("This account was connected already.").waitFor();
  await step(page, "Account is yours").getByText("its access was renewed").waitFor();
  await isAccessible(page, "renewed");
  const { items } = await asks(page, "GET", `orgs/${org.id}/accounts`);
  assert.deepEqual(items.map((one) => one.waba_id), [at.account]);
  await leave(page);
});

test("a step that fails says what Meta said and whose turn it is; the retry resumes there and goes on", async () => {
  const at = await business();
  const { page, org } = await owner();
  await control("step-failures", { step: `${at.number}/register`, failure: "not_verified", times: 1 });
  await page.goto(`/o/${org.slug}/connect`);
  const dialog = await opens(page);
  await chooses(dialog, at);
  await shares(dialog);
  const register = step(page, "Number registered");
  await register.getByText("Your turn").waitFor();
  await register.getByText("Verify the number first").waitFor();
  await step(page, "Somebody pays Meta").getByText("To come").waitFor();
  await isAccessible(page, "stopped");
  const before = await calls(at, "subscribed_apps");
  await register.getByRole("button", { name: "Try this step again" }).click();
  await connected(page, at);
  assert.equal(await calls(at, "subscribed_apps"), before, "what was done is not done again");
  await leave(page);
});

/** How often our app subscribed to an account, or the like. */
async function calls(at, edge) {
  const all = await control("calls?limit=1000", undefined, "GET");
  return all.filter((call) => call.method === "POST" && call.path.includes(`${at.account}/${edge}`)).length;
}
