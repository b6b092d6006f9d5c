// Pictures of every page in every language and theme, wide and on a phone, for people to look at.
import { mkdir } from "node:fs/promises";
import { somethingToAgreeTo } from "./collecting.mjs";
import { phoneShows } from "./inbox.mjs";
import { api, control, facts, isAtRest, leave, org, shut, signIn, window, writes } from "./stage.mjs";

const folder = process.env.SAPA_SCREENSHOTS;
const roaster = org("id");
const at = (path) => `/o/${roaster.slug}${path}`;

/** Something to see: customers who asked, and one who waits for a person. */
const asked = { "Rina Kusuma": roaster.try, "Agus Pratama": "Apakah menerima pembayaran QRIS?", "Dewi Lestari": "Saya mau bicara dengan orang" };
for (const [place, [name, text]] of Object.entries(asked).entries()) {
  const phone = `6281130000${101 + place}`;
  await control("people", { phone, name });
  await writes(phone, roaster, text);
  await phoneShows(phone, "");
}
const conversations = (await api(roaster, "GET", "conversations")).items;
const accounts = (await api(roaster, "GET", "accounts")).items;
const connections = (await api(roaster, "GET", "connections")).items;
const sources = (await api(roaster, "GET", "sources")).items;
const templates = (await api(roaster, "GET", "templates")).items;

const form = await somethingToAgreeTo(roaster, "https://shop.example");
const records = (await api(roaster, "GET", "records")).items;
const notifications = (await api(roaster, "GET", "notifications")).items;
const run = await api(roaster, "POST", `notifications/${notifications[0].id}/runs`, {});

/** Pages of a member, of the operator, and of nobody in particular. */
const member = {
  start: at(""),
  inbox: at("/inbox"),
  conversation: at(`/inbox/${conversations[0].id}`),
  contacts: at("/contacts"),
  contact: at(`/contacts/${conversations[0].contact.id}`),
  "contact-imports": at("/contacts/imports"),
  "contact-privacy": at("/contacts/privacy"),
  connect: at("/connect"),
  "connect-by-hand": at("/connect/manual"),
  connection: at(`/connections/${connections[0].id}`),
  accounts: at("/accounts"),
  account: at(`/accounts/${accounts[0].id}`),
  number: at(`/numbers/${accounts[0].numbers[0].id}`),
  "number-profile": at(`/numbers/${accounts[0].numbers[0].id}?part=profile`),
  "number-name": at(`/numbers/${accounts[0].numbers[0].id}?part=name`),
  "number-links": at(`/numbers/${accounts[0].numbers[0].id}?part=links`),
  rates: at("/rates"),
  readiness: at("/readiness"),
  templates: at("/templates"),
  "template-new": at("/templates/new"),
  "template-library": at("/templates/library"),
  template: at(`/templates/${templates[0].id}`),
  knowledge: at("/knowledge"),
  "knowledge-text": at("/knowledge/add/text"),
  "knowledge-pairs": at("/knowledge/add/pairs"),
  source: at(`/knowledge/${sources[0].id}`),
  "knowledge-test": at("/knowledge/test"),
  forms: at("/forms"),
  form: at(`/forms/${form.id}`),
  links: at("/links"),
  records: at("/records"),
  record: at(`/records/${records[0].id}`),
  "record-add": at("/records/add"),
  "record-kinds": at("/records/kinds"),
  "record-imports": at("/records/imports"),
  connectors: at("/records/connectors"),
  connector: at("/records/connectors/new"),
  notifications: at("/notifications"),
  notification: at(`/notifications/${notifications[0].id}`),
  "notification-edit": at(`/notifications/${notifications[0].id}/edit`),
  "notification-run": at(`/notifications/runs/${run.id}`),
  members: at("/members"),
  keys: at("/keys"),
  settings: at("/settings"),
  channels: at("/settings/channels"),
  decisions: at("/decisions"),
  audit: at("/audit"),
  kept: at("/kept"),
  "own-account": "/account",
};
const operator = Object.fromEntries(
  ["organisations", "connections", "meta-apps", "providers", "readiness", "kept", "health", "dead-jobs", "audit", "keys"].map((page) => [
    `operator-${page}`,
    `/operator/${page}`,
  ]),
);
const anybody = {
  "sign-in": "/sign-in",
  invite: "/connect#unknown",
  "reset-password": "/reset-password",
  "public-form": new URL(form.url).pathname,
  simulator: `${facts.phone_url}?from=6281130000103&to=${roaster.phone_number_id}`,
  "simulator-people": `${facts.phone_url}?view=people`,
};

await mkdir(folder, { recursive: true });
for (const locale of ["en-GB", "id-ID"]) {
  for (const scheme of ["light", "dark"]) {
    for (const [screen, width, height] of [["wide", 1280, 800], ["phone", 390, 844]]) {
      const people = [
        [anybody, undefined],
        [member, roaster.member_email],
        [operator, facts.operator.email],
      ];
      for (const [pages, email] of people) {
        const page = await window({ locale, scheme, width, height });
        if (email) await signIn(page, email);
        for (const [name, address] of Object.entries(pages)) {
          await page.goto(address);
          await page.getByRole("heading").first().waitFor();
          await isAtRest(page);
          await page.screenshot({ path: `${folder}/${name}.${locale.slice(0, 2)}.${scheme}.${screen}.png` });
        }
        await leave(page);
      }
    }
  }
}
await shut();
