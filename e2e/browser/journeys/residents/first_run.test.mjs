// The first two minutes: from the printed address to the first answer of the AI, on two screens at once.
import { after, test } from "node:test";
import { isAccessible, leave, org, shut, signIn, window } from "../../stage.mjs";

const roaster = org("id");
after(shut);

test("an owner signs in, writes from the simulated phone, and sees the answer on both screens", async () => {
  const page = await window();
  await signIn(page, roaster.member_email, roaster.member_password);
  await page.waitForURL(`**/o/${roaster.slug}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await isAccessible(page, "the first page");

  const phone = await window();
  await phone.goto(roaster.phone_url);
  await phone.getByRole("textbox").last().fill(roaster.try);
  await phone.getByRole("textbox").last().press("Enter");
  await phone.getByText("Rp 310.000").last().waitFor();
  await isAccessible(phone, "the phone");

  await page.getByRole("link", { name: "Inbox" }).first().click();
  await page.getByText("Kopi Gayo").first().waitFor();
  await leave(phone);
  await leave(page);
});

for (const scheme of ["light", "dark"]) {
  test(`no page of an owner stands in anybody's way: ${scheme}`, async () => {
    const page = await window({ scheme });
    await signIn(page, roaster.member_email, roaster.member_password);
    const pages = ["connect", "connect/manual", "accounts", "rates", "readiness", "knowledge", "knowledge/test", "forms", "links", "members", "keys", "settings", "audit", "kept"];
    for (const address of [...pages.map((one) => `/o/${roaster.slug}/${one}`), "/account"]) {
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await isAccessible(page, address);
    }
    await leave(page);
  });
}
