// Connecting on Meta's full page, and what somebody reads who comes back from it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { business, cancels, chooses, connected, joins, opensFullPage, organisation, owner, shares } from "../../connecting.mjs";
import { facts, isAccessible, leave, shut, window } from "../../stage.mjs";

after(shut);

const says = (page, heading) => page.getByRole("heading", { level: 1, name: heading }).waitFor();

test("a browser that blocks windows is told so; the full page leads to a connected number, once", async () => {
  const at = await business();
  const { page, org } = await owner();
  const dialog = await opensFullPage(page, org);
  await isAccessible(page, "blocked");
  await chooses(dialog, at);
  await shares(dialog);
  await says(dialog, "Meta has confirmed");
  await isAccessible(dialog, "back from the full page");
  // The page that was left waiting goes on by itself; the other one leads to the same.
  await page.waitForURL("**/connections/*");
  await connected(page, at);

  await dialog.reload();
  await says(dialog, "This sign-up cannot be taken");
  await isAccessible(dialog, "used up");
  await leave(page);
});

test("declining at Meta is told, changes nothing, and is taken up again where it was", async () => {
  const at = await business();
  const { page, org } = await owner();
  const dialog = await opensFullPage(page, org);
  await cancels(dialog);
  await says(dialog, "The sign-up was not finished");
  await isAccessible(dialog, "declined");
  await dialog.getByRole("link", { name: "Take it up again" }).click();
  await dialog.getByText("Go on where you stopped").waitFor();
  const popup = dialog.waitForEvent("popup");
  await dialog.getByRole("button", { name: "Open Meta's window" }).click();
  const second = await popup;
  await chooses(second, at);
  await shares(second);
  await connected(dialog, at);
  await leave(page);
});

test("a state that is forged, somebody else's, or brought without signing in is refused in a sentence", async () => {
  const { page, org } = await owner({ locale: "id-ID" });
  const answer = await page.request.post(`/api/v1/orgs/${org.id}/connections`, { data: { mode: "tech_provider" } });
  const { state } = await answer.json();
  const back = (of) => `${facts.gateway_url}/connect/callback?code=AQBSTOLEN&state=${of}`;
  assert.equal((await page.goto(back("forged"))).status(), 403);
  await says(page, "Pendaftaran ini tidak dapat diterima");
  await isAccessible(page, "forged");
  await leave(page);

  const stranger = await window();
  assert.equal((await stranger.goto(back(state))).status(), 401);
  await says(stranger, "You are not signed in here");
  await joins(stranger, await organisation());
  assert.equal((await stranger.goto(back(state))).status(), 403);
  await says(stranger, "This sign-up cannot be taken");
  await stranger.getByRole("link", { name: "To the start page" }).click();
  await stranger.waitForURL("**/o/**");
  await leave(stranger);
});
