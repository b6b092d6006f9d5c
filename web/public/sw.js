// Shows alerts while no page is open, and a page that says so while the server is away. Of what people write, nothing
// is kept here. Registered only where somebody turns alerts on.

const KEPT = "sapa-offline-1";
const OFFLINE = ["/offline.html", "/offline.css", "/icon.svg"];

// What the open pages of an organisation tell by themselves (rooms/inbox/alerts).
const TOLD_BY_PAGES = ["handed_off", "mentioned"];

// Title and text of each kind of alert, in the languages of the dashboard.
const TEXTS = {
  en: {
    handed_off: ["{name} waits for a person", "The AI has handed the conversation over."],
    assigned: ["{name} is yours to answer", "A colleague has assigned you this conversation."],
    mentioned: ["A colleague mentioned you", "A note in the conversation with {name} mentions you."],
    number_quality_fell: ["Quality of {name} has fallen", "People block or report its messages. See what to do."],
    number_limit_lowered: ["{name} may write to fewer people", "Meta has lowered your limit."],
    number_limit_raised: ["{name} may write to more people", "Meta has raised your limit."],
    number_name_approved: ["Your new name is approved", "Meta has approved the name that you asked for."],
    number_name_declined: ["Your new name was declined", "See why, and ask Meta for another one."],
    number_restricted: ["Meta has restricted {name}", "See what is in the way and how to mend it."],
    number_pin_changed: ["The PIN of {name} was changed", "It was not changed in Sapa. Was it you?"],
    number_username_lost: ["{name} has lost its username", "See whether you can claim it again."],
    try: ["Alerts work", "This is how Sapa calls you on this device."],
    other: ["Something new in your inbox", "Open Sapa to see it."],
    nobody: "A customer",
  },
  id: {
    handed_off: ["{name} menunggu dijawab orang", "AI sudah mengalihkan percakapannya."],
    assigned: ["{name} menunggu Anda", "Rekan Anda menugaskan percakapan ini kepada Anda."],
    mentioned: ["Rekan menyebut Anda", "Anda disebut dalam catatan di percakapan dengan {name}."],
    number_quality_fell: ["Kualitas {name} turun", "Orang memblokir atau melaporkan pesannya. Lihat yang perlu dilakukan."],
    number_limit_lowered: ["{name} boleh menghubungi lebih sedikit orang", "Meta menurunkan batas Anda."],
    number_limit_raised: ["{name} boleh menghubungi lebih banyak orang", "Meta menaikkan batas Anda."],
    number_name_approved: ["Nama baru Anda disetujui", "Meta menyetujui nama yang Anda ajukan."],
    number_name_declined: ["Nama baru Anda ditolak", "Lihat alasannya, lalu ajukan nama lain."],
    number_restricted: ["Meta membatasi {name}", "Lihat penghalangnya dan cara mengatasinya."],
    number_pin_changed: ["PIN {name} diubah", "Bukan lewat Sapa. Apakah itu Anda?"],
    number_username_lost: ["{name} kehilangan nama penggunanya", "Lihat apakah masih bisa diambil lagi."],
    try: ["Notifikasi sudah aktif", "Beginilah Sapa memanggil Anda di perangkat ini."],
    other: ["Ada yang baru di kotak masuk", "Buka Sapa untuk melihatnya."],
    nobody: "Seorang pelanggan",
  },
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(OFFLINE)));
});

self.addEventListener("activate", (event) => {
  const dropOthers = (names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  event.waitUntil(Promise.all([caches.keys().then(dropOthers), self.clients.claim()]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("/offline.html")));
  } else if (origin === self.location.origin && OFFLINE.includes(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(pathname)));
  }
});

self.addEventListener("push", (event) => {
  event.waitUntil(show(read(event.data)));
});

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(subscribeAnew(event));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.path));
});

/** What the server says; an alert that does not read is shown all the same, for browsers want to see every one. */
function read(data) {
  try {
    return data.json();
  } catch {
    return {};
  }
}

async function show(alert) {
  if (await isSeen(alert)) return;
  const locale = TEXTS[alert.locale] ? alert.locale : "en";
  const texts = TEXTS[locale];
  const [title, body] = texts[alert.kind] ?? texts.other;
  const named = (text) => text.replace("{name}", () => alert.contact || alert.number || texts.nobody);
  await self.registration.showNotification(named(title), {
    body: named(body),
    lang: locale,
    icon: "/icon-192.png",
    // A newer alert about the same conversation takes the place of the older, and calls again.
    tag: alert.conversation_id ?? alert.number_id ?? alert.kind ?? "other",
    renotify: true,
    data: { path: pathOf(alert) },
  });
}

/**
 * The browser's address at its push service has changed. Wherever the person is told of things in this browser, the
 * server learns the new one; without that, alerts would end in silence.
 */
async function subscribeAnew({ oldSubscription: before, newSubscription }) {
  const { organisations } = await ask("GET", "me");
  const [first] = organisations;
  if (!first) return;
  const { public_key: key } = await ask("GET", `orgs/${first.id}/push-key`);
  const wish = { userVisibleOnly: true, applicationServerKey: key };
  const now = newSubscription ?? (await self.registration.pushManager.subscribe(wish));
  const { endpoint, keys } = now.toJSON();
  const gone = before && (await digest(before.endpoint));
  const learns = async ({ id }) => {
    const place = `orgs/${id}/push-subscriptions`;
    const { items } = await ask("GET", place);
    // Not every browser says which address is gone; then it is known by what the browser calls itself.
    const here = items.filter((one) => (gone ? one.endpoint_sha256 === gone : one.user_agent === self.navigator.userAgent));
    if (here.length === 0) return;
    // Another device may call itself the same: only what is surely gone is taken away, and first, to make room.
    if (gone) for (const one of here) await ask("DELETE", `${place}/${one.id}`);
    await ask("POST", place, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
  };
  // One that refuses, a suspended one perhaps, keeps nobody else from learning it.
  await Promise.allSettled(organisations.map(learns));
}

/** Asks the API as the person who is signed in in this browser. */
async function ask(method, path, body) {
  const headers = body && { "content-type": "application/json" };
  const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** SHA-256 in hexadecimal digits, as the server names subscriptions. */
async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pathOf({ organisation, conversation_id: conversation, number_id: number }) {
  if (!organisation) return "/";
  if (number) return `/o/${organisation}/numbers/${number}`;
  return conversation ? `/o/${organisation}/inbox/${conversation}` : `/o/${organisation}/inbox`;
}

function pages() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

/** Whether somebody is looking at it already, or at a page that tells of it by itself. */
async function isSeen(alert) {
  if (alert.kind === "try") return false;
  return (await pages()).some((page) => {
    if (!page.focused) return false;
    const { pathname } = new URL(page.url);
    return pathname === pathOf(alert) || (TOLD_BY_PAGES.includes(alert.kind) && pathname.startsWith(`/o/${alert.organisation}/`));
  });
}

/** Goes to a page of ours: in a window that shows it, else in any, else in a new one. */
async function open(path) {
  const all = await pages();
  const there = all.find((page) => new URL(page.url).pathname === path);
  if (there) return there.focus();
  const [any] = all;
  if (!any) return self.clients.openWindow(path);
  // The page goes there by itself, so that nothing typed in it is lost.
  any.postMessage({ type: "open", path });
  return any.focus();
}
