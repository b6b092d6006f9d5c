// Links: one with which somebody without an account connects a number, and one with which somebody becomes a member.
import { after, test } from "node:test";
import { asks, business, chooses, joins, link, opens, organisation, owner, shares } from "../../connecting.mjs";
import { isAccessible, leave, shut, signIn, window } from "../../stage.mjs";

after(shut);

const says = (page, heading) => page.getByRole("heading", { name: heading }).waitFor();

/** Invites an address to an organisation, as whoever is signed in there. */
async function invites(page, org, email) {
  return (await asks(page, "POST", `orgs/${org.id}/invites`, { email, role: "agent" })).link;
}

test("with a link, somebody without an account connects a number; used, it says so and does nothing more", async () => {
  const at = await business();
  const { page: maker, org } = await owner();
  const address = await link(maker, org);
  const page = await window();
  await page.goto(address);
  await page.getByText("Halo Rina, please connect the shop's number.").waitFor();
  await isAccessible(page, "an open link");
  const dialog = await opens(page);
  await chooses(dialog, at);
  await shares(dialog);
  await says(page, `${org.name} is connected to WhatsApp`);
  await isAccessible(page, "connected by link");
  await leave(page);

  const again = await window();
  await again.goto(address);
  await again.getByText("This link has done its work").waitFor();
  await again.getByRole("button", { name: "Connect WhatsApp" }).waitFor({ state: "detached" });
  await leave(again);
  await leave(maker);
});

test("a link that never was is told in a sentence", async () => {
  const page = await window();
  await page.goto("/connect#sapa_connect_unknown");
  await says(page, "This link does not work any more");
  await isAccessible(page, "an unknown link");
  await leave(page);
});

test("somebody new joins with a name and a password; the link works once", async () => {
  const org = await organisation();
  const page = await window();
  await page.goto(org.invitation);
  await says(page, `Join ${org.name}`);
  await isAccessible(page, "an invitation for somebody new");
  await page.getByLabel("Your name").fill("Dewi");
  await page.getByLabel("Choose a password", { exact: true }).fill(org.password);
  await page.getByRole("button", { name: `Join ${org.name}` }).click();
  await page.waitForURL(`**/o/${org.slug}`);

  const again = await window();
  await again.goto(org.invitation);
  await says(again, "This invitation does not work any more");
  await isAccessible(again, "a used invitation");
  await leave(again);
  await leave(page);
});

test("somebody with an account joins a second organisation after signing in to it", async () => {
  const { page: maker, org } = await owner();
  const theirs = await organisation();
  const page = await window();
  await joins(page, theirs, "Rina");
  await asks(page, "DELETE", "session");
  await page.goto(await invites(maker, org, theirs.email));
  await page.getByText("There is an account for this address here.").waitFor();
  await isAccessible(page, "an invitation for somebody with an account");
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.waitForURL("**/sign-in?*");
  await signIn(page, theirs.email, theirs.password, page.url());
  await page.getByText("You are signed in as Rina.").waitFor();
  await isAccessible(page, "signed in");
  await page.getByRole("button", { name: `Join ${org.name}` }).click();
  await page.waitForURL(`**/o/${org.slug}`);
  await leave(page);
  await leave(maker);
});

test("whoever is signed in as somebody else is told so, and goes on as the one who is invited", async () => {
  const { page: maker, org } = await owner();
  const address = await invites(maker, org, `agent@${org.slug}.example`);
  await maker.goto(address);
  await maker.getByText("This invitation is for another address").waitFor();
  await isAccessible(maker, "another address");
  await maker.getByRole("button", { name: "Sign out and go on" }).click();
  await maker.getByLabel("Your name").fill("Budi");
  await maker.getByLabel("Choose a password", { exact: true }).fill("other words in a row");
  await maker.getByRole("button", { name: `Join ${org.name}` }).click();
  await maker.waitForURL(`**/o/${org.slug}`);
  await leave(maker);
});
