// A connected account: is it really so, what is still missing, and how it ends.
import { after, test } from "node:test";
import { connectedOwner } from "../../connecting.mjs";
import { control, isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

test("whether it is really connected is looked at on Meta's side, and a dead access is told with the way on", async () => {
  const { page, token } = await connectedOwner();
  await page.getByRole("link", { name: "See the account" }).click();
  const look = page.getByRole("region", { name: "Really connected?" });
  await look.getByRole("button", { name: "Look now" }).click();
  await look.getByText("Everything is as it should be, looked at just now.").waitFor();
  await isAccessible(page, "an account in order");

  await control("tokens/end", { token, why: "app_removed" });
  await look.getByRole("button", { name: "Look now" }).click();
  await look.getByText("Meta no longer accepts the access that was given").waitFor();
  await look.getByText("Your turn").waitFor();
  await page.getByText("Was taken back", { exact: true }).waitFor();
  await isAccessible(page, "an account without access");
  await page.getByRole("link", { name: "Connect again" }).click();
  await page.getByText("Choose the same WhatsApp account in Meta's window.").waitFor();
  await leave(page);
});

test("the readiness page shows what is missing with its fix, and by itself when it is mended", async () => {
  const { page, org, at } = await connectedOwner();
  await page.goto(`/o/${org.slug}/readiness`);
  const item = page.getByRole("listitem").filter({ hasText: "A message has come in." });
  await item.getByText("Write to the number from any phone.").waitFor();
  await item.getByText("To be mended", { exact: true }).waitFor();
  await isAccessible(page, "something is missing");
  await control("inbound", { from: "+62 811 3000 0002", to: at.number, text: { body: "Halo" } });
  await item.getByText("In place", { exact: true }).waitFor();
  await isAccessible(page, "mended");
  await leave(page);
});

test("disconnecting tells what will happen, asks, and tells what became of each part", async () => {
  const { page } = await connectedOwner();
  await page.getByRole("link", { name: "See the account" }).click();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Nothing more is sent from these numbers").waitFor();
  await dialog.getByText("Numbers, conversations and templates stay").waitFor();
  await isAccessible(page, "before disconnecting");
  await dialog.getByLabel("Type “disconnect” to go on").fill("disconnect");
  await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
  await dialog.getByText("This is what became of each part").waitFor();
  await dialog.getByText("Delivery of messages ended").waitFor();
  await dialog.getByText("Access erased").waitFor();
  await isAccessible(page, "disconnected");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("They come back as soon as you connect the same account again.").waitFor();
  await page.getByRole("link", { name: "Connect again" }).waitFor();
  await isAccessible(page, "what is left");
  await leave(page);
});
