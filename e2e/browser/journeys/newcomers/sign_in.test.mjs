// Getting in: nobody sees anything before, everybody comes to where they were going.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { isAccessible, leave, org, shut, signIn, window } from "../../stage.mjs";

after(shut);

test("whoever is not signed in is asked to, and comes to where they were going", async () => {
  const page = await window();
  const { member_email: email, member_password: password, slug } = org("id");
  await page.goto(`/o/${slug}`);
  await page.waitForURL("**/sign-in?next=*");
  await page.locator("input[type=email]").waitFor();
  await isAccessible(page);
  await signIn(page, email, password, page.url());
  await page.waitForURL(`**/o/${slug}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await isAccessible(page);
  await leave(page);
});

test("a wrong password is told in a sentence, and nothing that was typed is lost", async () => {
  const page = await window();
  const { member_email: email } = org("id");
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").getByText("do not match an account").waitFor();
  assert.equal(await page.getByLabel("E-mail address").inputValue(), email);
  await isAccessible(page);
  await leave(page);
});

test("another organisation's address is nothing", async () => {
  const page = await window();
  const { member_email: email, member_password: password } = org("id");
  await signIn(page, email, password, `/o/${org("en").slug}`);
  await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  await leave(page);
});

test("a page can be reached by keyboard alone", async () => {
  const page = await window();
  const { member_email: email, member_password: password } = org("id");
  await page.goto("/sign-in");
  await page.locator("input[type=email]:focus").waitFor();
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/o/**");
  // The tour is asked about once, and then gone for good.
  await page.getByRole("button", { name: "No, thanks" }).press("Enter");
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to content");
  await leave(page);
});
