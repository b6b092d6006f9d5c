// Two people answer two customers at once: each sees what the other does, and nothing crosses over.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { agent, composer, inThread, onPhone, owner, phone, phoneShows, received, roaster, row, says, writesAnew } from "../../inbox.mjs";
import { api, isAccessible, leave, shut } from "../../stage.mjs";

after(shut);

test("two people answer two customers, and each customer sees only their own answers", async () => {
  const { from: first, open: one } = await writesAnew("Saya mau bicara dengan orang");
  const { from: second, open: two } = await writesAnew("Tolong, saya mau bicara dengan orang");
  const [sari, budi, onFirst, onSecond] = await Promise.all([owner({ open: one }), agent({ open: two }), phone(first), phone(second)]);

  for (const page of [sari, budi]) {
    await page.getByRole("button", { name: "I will answer" }).or(page.getByRole("button", { name: "Take over" })).click();
    await page.getByText("You are answering", { exact: true }).waitFor();
    // The thread itself says how that came about.
    await page.getByText(/The customer asked for a person; the AI handed over/).waitFor();
    await page.getByText(/You took the conversation/).waitFor();
  }
  await Promise.all([says(sari, "Jawaban untuk yang pertama"), says(budi, "Jawaban untuk yang kedua")]);
  await onPhone(onFirst, "Jawaban untuk yang pertama").waitFor();
  await onPhone(onSecond, "Jawaban untuk yang kedua").waitFor();
  await onFirst.getByRole("textbox", { name: "Message" }).fill("Terima kasih dari yang pertama");
  await onFirst.getByRole("textbox", { name: "Message" }).press("Enter");
  await inThread(sari, "Terima kasih dari yang pertama").waitFor();

  // Nothing crossed over: on the phones, and in the threads.
  assert.equal(await onPhone(onFirst, "Jawaban untuk yang kedua").count(), 0);
  assert.equal(await onPhone(onSecond, "Jawaban untuk yang pertama").count(), 0);
  assert.equal(await inThread(budi, "yang pertama").count(), 0);
  // Each sees in the list who takes care of the other's customer.
  await row(sari, two).getByText("Taken by Budi").waitFor();
  await isAccessible(sari, "a conversation that somebody has taken");
  for (const page of [sari, budi, onFirst, onSecond]) await leave(page);
});

test("whoever opens what somebody else is answering is warned, and no longer once they have gone", async () => {
  const { from, open } = await writesAnew("Saya mau bicara dengan orang");
  const [sari, budi] = await Promise.all([owner({ open }), agent({ open })]);
  await sari.getByText(/is also looking at this/).waitFor();
  await composer(sari).pressSequentially("Saya sedang");
  await budi.getByText(/is writing an answer right now/).waitFor();
  await isAccessible(budi, "a conversation that somebody else writes in");
  await sari.keyboard.press("Escape");
  await sari.goBack();
  await budi.getByText(/is writing an answer right now/).waitFor({ state: "detached" });
  await leave(sari);

  // The AI is silent while a person is asked for; the person's answer is the only one.
  await says(budi, "Saya di sini");
  await phoneShows(from, "Saya di sini");
  assert.equal((await received(from)).filter((one) => one.text === "Saya di sini").length, 1);
  await leave(budi);
});

test("a role that somebody is given holds at once", async () => {
  const { open } = await writesAnew("Saya mau bicara dengan orang");
  const budi = await agent({ open });
  const { id } = (await api(roaster, "GET", "members")).items.find(({ email }) => email === roaster.agent_email);
  await api(roaster, "PATCH", `members/${id}`, { role: "viewer" });
  try {
    await budi.getByText("You can read this conversation.").waitFor();
  } finally {
    await api(roaster, "PATCH", `members/${id}`, { role: "agent" });
  }
  await composer(budi).waitFor();
  await leave(budi);
});
