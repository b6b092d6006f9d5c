// What the inbox costs in a browser, with a small and a large amount of everything, round by round in turn.
//
// SAPA_BENCH says what there is; the measurements are printed as JSON. Costs of scrolling are CPU time of the page's
// main thread, from the browser's own trace, so that what else runs on the machine does not count.
import { facts, open, shut, signIn } from "./stage.mjs";
import { mainThread } from "./trace.mjs";

const { rounds, inboxes } = JSON.parse(process.env.SAPA_BENCH);

/** Screens that are scrolled for a figure. */
const SCREENS = 8;
/** Frames that a screen takes. */
const FRAMES = 6;
/** Rows and messages behind which it is far down. */
const FAR = 3000;

const browser = await open();
const measured = { small: [], large: [] };
const signedIn = {};
for (const name of Object.keys(measured)) signedIn[name] = await session(inboxes[name]);
for (let round = 0; round < rounds; round++) {
  // In turn, and not always the same first: what the machine does meanwhile falls on both.
  const order = round % 2 ? ["large", "small"] : ["small", "large"];
  for (const name of order) {
    measured[name].push(await measure(inboxes[name], signedIn[name]));
    console.error(`round ${round + 1} of ${rounds}, ${name}: ${JSON.stringify(measured[name].at(-1))}`);
  }
}
await shut();
console.log(JSON.stringify(measured));

/** Signs in once; every round begins with what the browser kept of it. */
async function session(inbox) {
  const { member_email: email } = facts.orgs.find((org) => org.slug === inbox.slug);
  const context = await browser.newContext({ baseURL: facts.gateway_url });
  await signIn(await context.newPage(), email);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Everything once, in a window of its own. */
async function measure(inbox, storageState) {
  const context = await browser.newContext({
    baseURL: facts.gateway_url,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    reducedMotion: "reduce",
    storageState,
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await page.addInitScript(helpers);
  const at = (path) => `/o/${inbox.slug}${path}`;
  const found = {};

  // Once for the files of the dashboard, then as whoever comes back.
  await page.goto(at("/inbox?view=closed"));
  await page.waitForFunction(() => globalThis.bench.first);
  await page.goto(at("/inbox"));
  found.inbox = await page.waitForFunction(() => globalThis.bench.first).then((value) => value.jsonValue());
  await calm(page);

  found.view = await page.evaluate(() => {
    const before = document.querySelector("[data-row]");
    const unread = [...document.querySelectorAll("section nav button")].find((view) => view.textContent.startsWith("Unread"));
    return globalThis.bench.until(() => unread.click(), () => {
      const row = document.querySelector("[data-row]");
      return row && row !== before && row.dataset.unread;
    });
  });
  await page.goto(at("/inbox"));
  await page.waitForFunction(() => globalThis.bench.first);
  await calm(page);

  found.thread = await page.evaluate(
    (id) => globalThis.bench.until(() => document.querySelector(`[data-row="${id}"]`).click(), () => document.querySelector("[data-index] article")),
    inbox.thread,
  );
  await calm(page);
  found.heap = await heap(devtools);

  const list = await scrolled(page, "[data-row]", 1);
  const messages = await scrolled(page, "[data-index] article", -1);
  Object.assign(found, { list: list.screen, messages: messages.screen });
  await far(page, "[data-row]", 1, Math.min(FAR, inbox.conversations));
  await far(page, "[data-index] article", -1, Math.min(FAR, inbox.messages));
  const [listFar, messagesFar] = [await scrolled(page, "[data-row]", -1), await scrolled(page, "[data-index] article", 1)];
  Object.assign(found, { list_deep: listFar.screen, messages_deep: messagesFar.screen });
  found.task = Math.max(list.task, messages.task, listFar.task, messagesFar.task);
  found.heap_deep = await heap(devtools);

  await page.goto(at("/inbox"));
  await page.waitForFunction(() => globalThis.bench.first);
  await calm(page);
  found.search = await page.evaluate((words) => {
    const field = document.querySelector("input[type=search]");
    const type = () => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, words);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    return globalThis.bench.until(type, () => document.querySelector("h3 ~ a[data-row]"));
  }, inbox.rare);

  const api = {
    api_list: "conversations?status=open&snoozed=false&limit=50",
    api_counts: "conversations/counts",
    api_thread: `conversations/${inbox.thread}/messages?limit=50`,
    api_people: `conversations?q=${inbox.rare}&limit=8`,
    api_words: `messages/search?q=${inbox.common}&limit=30`,
  };
  for (const [name, path] of Object.entries(api)) {
    found[name] = await page.evaluate((url) => globalThis.bench.asked(url), `/api/v1/orgs/${inbox.org_id}/${path}`);
  }
  await context.close();
  return found;
}

/** What runs within the page. */
function helpers() {
  /** Resolves when what is there by now has been painted. */
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  const frame = () => new Promise(requestAnimationFrame);
  globalThis.bench = {
    /** When the first row of the list was painted, counted from the beginning of the navigation. */
    first: undefined,
    /** How long it takes from a deed until something is painted. */
    until: async (deed, isThere) => {
      const begun = performance.now();
      deed();
      while (!isThere()) {
        if (performance.now() - begun > 60_000) throw new Error(`never came: ${isThere}`);
        await frame();
      }
      return (await painted()) - begun;
    },
    /** The box in which the rows of a selector scroll. */
    box: (row) => document.querySelector(row).closest("[role=list]").parentElement,
    /** Scrolls so many screens, evenly. */
    scroll: async (row, direction, screens, frames) => {
      const box = globalThis.bench.box(row);
      for (let at = 0; at < screens * frames; at++) {
        box.scrollTop += (direction * box.clientHeight) / frames;
        await frame();
      }
    },
    /** Goes on to where more is read, again and again, until so many pixels lie behind or nothing comes any more. */
    far: async (row, direction, count) => {
      const box = globalThis.bench.box(row);
      const had = () => box.querySelector("[role=list]").offsetHeight;
      const per = direction > 0 ? 76 : 60;
      let still = 0;
      let before = 0;
      while (had() < count * per && still < 40) {
        box.scrollTop = direction > 0 ? box.scrollHeight : 0;
        await new Promise((done) => setTimeout(done, 50));
        still = had() === before ? still + 1 : 0;
        before = had();
      }
    },
    /** The median time of asking the API. */
    asked: async (url) => {
      const times = [];
      for (let at = 0; at < 7; at++) {
        const begun = performance.now();
        const answer = await fetch(url);
        await answer.text();
        if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
        times.push(performance.now() - begun);
      }
      return times.sort((a, b) => a - b)[3];
    },
  };
  const look = async () => {
    while (!document.querySelector("[data-row]")) await frame();
    globalThis.bench.first = await painted();
  };
  void look();
}

/** Waits until nothing is read any more. */
async function calm(page) {
  await page.waitForLoadState("networkidle", { timeout: 3000 }).catch(() => undefined);
}

/** Scrolls and says what a screen of it cost the main thread, and the longest task, in milliseconds of CPU. */
async function scrolled(page, row, direction) {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
  await page.evaluate(([...all]) => globalThis.bench.scroll(...all), [row, direction, SCREENS, FRAMES]);
  await calm(page);
  const { total, longest } = mainThread(JSON.parse(await browser.stopTracing()));
  return { screen: total / SCREENS, task: longest };
}

/** Reads on until so many rows are there. */
async function far(page, row, direction, count) {
  await page.evaluate(([...all]) => globalThis.bench.far(...all), [row, direction, count]);
  await calm(page);
}

/** What scripts hold in memory after cleaning up, in megabytes. */
async function heap(devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}
