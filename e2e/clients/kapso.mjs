// Drives the emulator with @kapso/whatsapp-cloud-api, a published Node client: every message type, media, signed
// webhooks.
//
// Usage: node kapso.mjs EMULATOR_URL      Exit code 0 if everything went as it should, 1 if not.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { GraphApiError, WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const stage = JSON.parse(readFileSync(new URL("./stage.json", import.meta.url), "utf8"));
const [app, phoneNumberId, businessAccountId] = [stage.apps[0], stage.numbers[0].id, stage.accounts[0].id];
// A person of this run's own: limits count per person.
const run = Math.floor(1e7 + Math.random() * 9e7);
const [person] = stage.people;
Object.assign(person, { id: `client-${run}`, phone: `4917${run}` });
person.bsuids["910000000000200"] = `DE.91000000000${run}`;
const to = person.phone;
const recipient = Object.values(person.bsuids)[0];
// The smallest PNG: one transparent pixel.
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAAAAgAB4iG8MwAAAABJRU5ErkJggg==",
  "base64",
);

const emulator = process.argv[2]?.replace(/\/$/, "");
if (!emulator) {
  console.error("Usage: node kapso.mjs EMULATOR_URL");
  process.exit(1);
}
const client = new WhatsAppClient({ accessToken: stage.tokens[0].value, baseUrl: emulator, graphVersion: "v25.0" });

async function control(path, body) {
  const answer = await fetch(`${emulator}/_emulator${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
  return answer.json();
}

// Takes webhooks as an application would: verify the bytes, then read them.
const arrived = { messages: [], statuses: [] };
const refused = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const rawBody = Buffer.concat(chunks);
    const signatureHeader = request.headers["x-hub-signature-256"];
    if (!verifySignature({ appSecret: app.secret, rawBody, signatureHeader })) {
      refused.push(signatureHeader);
      response.writeHead(401).end();
      return;
    }
    const update = normalizeWebhook(JSON.parse(rawBody.toString("utf8")));
    arrived.messages.push(...update.messages);
    arrived.statuses.push(...update.statuses);
    response.writeHead(200).end();
  });
});

async function waitFor(kind, fits, what) {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    const found = arrived[kind].find(fits);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not come`);
}

const upload = async (type, fileName) =>
  (await client.media.upload({ phoneNumberId, type, file: new Blob([png], { type }), fileName })).id;

function sends(hello) {
  const { messages } = client;
  const link = `${emulator}/`;
  const common = { phoneNumberId, to };
  const section = { title: "Fast", rows: [{ id: "exp", title: "Express", description: "1 day" }] };
  const card = (cardIndex) => ({
    cardIndex,
    header: { type: "image", image: { link } },
    bodyText: "Elf",
    action: { displayText: "Go", url: "https://shop.example" },
  });
  const template = {
    name: "client_order",
    language: { code: "en_US" },
    components: [
      { type: "body", parameters: [{ type: "text", text: "Käthe" }, { type: "text", text: "#8612" }] },
      { type: "button", subType: "url", index: "0", parameters: [{ type: "text", text: "8612" }] },
    ],
  };
  return {
    text: () => messages.sendText({ ...common, body: "See https://shop.example/a", previewUrl: true, bizOpaqueCallbackData: "job-1" }),
    "text in context": () => messages.sendText({ ...common, body: "Yes", contextMessageId: hello }),
    "text to a BSUID": () => messages.sendText({ phoneNumberId, recipient, body: "Hello you" }),
    "image by id": async () => messages.sendImage({ ...common, image: { id: await upload("image/png", "a.png"), caption: "A" } }),
    "image by link": () => messages.sendImage({ ...common, image: { link } }),
    video: async () => messages.sendVideo({ ...common, video: { id: await upload("video/mp4", "a.mp4") } }),
    audio: async () => messages.sendAudio({ ...common, audio: { id: await upload("audio/ogg", "a.ogg"), voice: true } }),
    document: async () => messages.sendDocument({ ...common, document: { id: await upload("application/pdf", "a.pdf"), filename: "a.pdf" } }),
    sticker: async () => messages.sendSticker({ ...common, sticker: { id: await upload("image/webp", "a.webp") } }),
    location: () => messages.sendLocation({ ...common, location: { latitude: 52.5, longitude: 13.4, name: "Berlin", address: "Mitte" } }),
    contacts: () => messages.sendContacts({ ...common, contacts: [{ name: { formattedName: "Eva P", firstName: "Eva" } }] }),
    reaction: () => messages.sendReaction({ ...common, reaction: { messageId: hello, emoji: "👍" } }),
    "reply buttons": () => messages.sendInteractiveButtons({ ...common, bodyText: "Keep it?", footerText: "Acme", buttons: [{ id: "keep", title: "Keep" }] }),
    list: () => messages.sendInteractiveList({ ...common, bodyText: "Pick one", buttonText: "Options", sections: [section] }),
    "link button": () => messages.sendInteractiveCtaUrl({ ...common, bodyText: "Look", parameters: { displayText: "Open", url: "https://shop.example" } }),
    flow: () =>
      messages.sendInteractiveFlow({ ...common, bodyText: "Fill in", parameters: { flowMessageVersion: "3", flowId: "1", flowCta: "Go", flowToken: "t" } }),
    "location request": () => messages.sendInteractiveLocationRequest({ ...common, bodyText: "Where?", parameters: { requestMessage: "Where?" } }),
    catalogue: () => messages.sendInteractiveCatalogMessage({ ...common, bodyText: "All we have", parameters: { thumbnailProductRetailerId: "p1" } }),
    product: () => messages.sendInteractiveProduct({ ...common, bodyText: "This one", catalogId: "1", productRetailerId: "p1" }),
    products: () =>
      messages.sendInteractiveProductList({
        ...common,
        header: { type: "text", text: "T" },
        bodyText: "These",
        catalogId: "1",
        sections: [{ title: "S", productItems: [{ productRetailerId: "p1" }] }],
      }),
    carousel: () => messages.sendInteractiveCarousel({ ...common, bodyText: "New", cards: [card(0), card(1)] }),
    template: () => messages.sendTemplate({ ...common, template }),
  };
}

async function media() {
  const id = await upload("image/png", "a.png");
  const found = await client.media.get({ mediaId: id, phoneNumberId });
  assert.equal(found.mimeType ?? found.mime_type, "image/png");
  assert.equal(found.sha256, createHash("sha256").update(png).digest("hex"));
  const bytes = Buffer.from(await client.media.download({ mediaId: id, phoneNumberId, auth: "always" }));
  assert.deepEqual(bytes, png);
  await client.media.delete({ mediaId: id, phoneNumberId });
  await assert.rejects(client.media.get({ mediaId: id, phoneNumberId }));
  await control("/inbound", {
    from: to,
    to: phoneNumberId,
    type: "document",
    document: { filename: "note.txt" },
    media: { text: "hello", mime_type: "text/plain" },
  });
  const message = await waitFor("messages", (it) => it.type === "document", "the document");
  const note = await client.media.download({ mediaId: message.document.id, phoneNumberId, auth: "always" });
  assert.equal(Buffer.from(note).toString(), "hello");
  console.log("ok  media up, down and deleted; media from a person");
}

async function errors() {
  await assert.rejects(
    client.messages.sendTemplate({ phoneNumberId, to, template: { name: "nothing", language: { code: "en_US" } } }),
    (error) => error instanceof GraphApiError && error.code === 132001,
  );
  await control("/faults", { edge: `${phoneNumberId}/messages`, effect: { failure: "throughput" } });
  await assert.rejects(
    client.messages.sendText({ phoneNumberId, to, body: "too fast" }),
    (error) => error instanceof GraphApiError && error.isRateLimit(),
  );
  const stranger = await client.messages.sendText({ phoneNumberId, to: "491705550099", body: "Are you there?" });
  const failed = await waitFor("statuses", (it) => it.id === stranger.messages[0].id, "the failure");
  assert.equal(failed.status, "failed");
  assert.equal(failed.errors[0].code, 131047);
  console.log("ok  errors, at once and by webhook");
}

async function journey() {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  app.callback_url = `http://127.0.0.1:${server.address().port}/`;
  await control("/seed", stage);

  await control("/inbound", { from: to, to: phoneNumberId, text: { body: "Grüße aus Köln / hallo 👋" } });
  const hello = await waitFor("messages", (it) => it.type === "text", "the first message");
  assert.equal(hello.text.body, "Grüße aus Köln / hallo 👋");
  console.log("ok  signed webhook with a message");

  for (const [name, send] of Object.entries(sends(hello.id))) {
    const sent = await send();
    const id = sent.messages[0].id;
    assert.match(id, /^wamid\./);
    const last = name === "reaction" ? "sent" : "read";
    await waitFor("statuses", (it) => it.id === id && it.status === last, `${last} of ${name}`);
    console.log(`ok  send ${name}`);
  }
  await client.messages.markRead({ phoneNumberId, messageId: hello.id, typingIndicator: { type: "text" } });
  console.log("ok  read receipt and typing");

  const buttons = await client.messages.sendInteractiveButtons({ phoneNumberId, to, bodyText: "Keep it?", buttons: [{ id: "keep", title: "Keep" }] });
  await control("/taps", { message: buttons.messages[0].id, choice: "keep" });
  const tap = await waitFor("messages", (it) => it.type === "interactive", "the tap");
  assert.equal(tap.interactive.buttonReply.id, "keep");
  console.log("ok  taps on buttons");
  await media();

  const listed = await client.templates.list({ businessAccountId, limit: 10 });
  assert.deepEqual(listed.data.map((template) => template.name), ["client_order"]);
  console.log("ok  templates");
  await errors();
  assert.deepEqual(refused, [], "signatures were refused");
}

try {
  await journey();
  console.log("kapso: everything went as it should");
} catch (flaw) {
  console.error(flaw);
  console.error(`FAILED  ${flaw.message}`);
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
}
