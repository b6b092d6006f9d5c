// A browser before a running demo, and what journeys do again and again.
//
// The demo's facts come from SAPA_DEMO_FACTS (its `demo.json`), the browser from SAPA_CHROMIUM.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterEach } from "node:test";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

/** What the demo wrote down of itself. */
export const facts = JSON.parse(await readFile(process.env.SAPA_DEMO_FACTS, "utf8"));

/** The organisation of this language: the coffee roaster (`id`) or the clinic (`en`). */
export const org = (locale) => facts.orgs.find((one) => one.locale === locale);

/** A microphone that hears a tone, so that what is recorded needs no hardware. */
const HEARD = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

let browser;

/** The windows that the present journey has opened and not left. */
const windows = new Set();

// What a journey that failed leaves behind must not disturb the next. Pictures are taken without a test around them.
if (process.argv[1].endsWith(".test.mjs")) {
  afterEach(async () => {
    await Promise.all([...windows].map((context) => context.close()));
    windows.clear();
  });
}

/** One browser for all journeys of a file. */
export function open() {
  // No sandbox: test machines often run as root within one already.
  browser ??= chromium.launch({ executablePath: process.env.SAPA_CHROMIUM, args: ["--no-sandbox", ...HEARD] });
  return browser;
}

/** Ends the browser. */
export async function shut() {
  await (await browser)?.close();
  browser = undefined;
}

/**
 * A window of its own, as of a person with a computer of their own. Errors of the page fail the journey when it is left.
 *
 * @param {{width?: number, height?: number, scheme?: "light" | "dark", locale?: string, touch?: boolean, storageState?: object}} [wishes]
 */
export async function window(wishes = {}) {
  const { width = 1280, height = 800, scheme = "light", locale = "en-GB", touch = false, storageState } = wishes;
  const context = await (await open()).newContext({
    baseURL: facts.gateway_url,
    viewport: { width, height },
    colorScheme: scheme,
    locale,
    hasTouch: touch,
    storageState,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(20_000);
  windows.add(context);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`${error}`));
  page.on("console", (message) => {
    // An answer that says no is no fault of the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) page.faults.push(message.text());
  });
  return page;
}

/** Leaves a window; whatever its pages complained of fails the journey. */
export async function leave(page) {
  const { faults } = page;
  windows.delete(page.context());
  await page.context().close();
  assert.deepEqual(faults, []);
}

/** Signs in and comes to where one was going. */
export async function signIn(page, email, password = facts.operator.password, to = "/") {
  await page.goto(to);
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[type=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  // The address changes before the page does.
  await page.locator("input[type=password]").waitFor({ state: "detached" });
  await page.locator("h1").first().waitFor({ state: "attached" });
}

/**
 * Waits until a page is at rest: letters are here, nothing fades or moves, nothing is being read. In the middle of a fade
 * a contrast is none that anybody has to read by.
 */
export async function isAtRest(page) {
  await page.waitForFunction(async () => {
    await document.fonts.ready;
    // What turns for ever, such as the sign of somebody who types, is at rest in its own way.
    const moves = (one) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime);
    const waits = "[aria-busy=true], .mantine-Loader-root:not([aria-hidden=true])";
    const isCalm = () => !document.querySelector(waits) && !document.getAnimations().some(moves);
    for (let calm = 0; calm < 6; calm++) {
      if (!isCalm()) return false;
      await new Promise((next) => requestAnimationFrame(next));
    }
    return true;
  });
}

/** Nothing on the page stands in anyone's way (WCAG 2.2 A and AA, as far as a machine can tell). */
export async function isAccessible(page, what = page.url()) {
  await isAtRest(page);
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  const told = found.violations.map((one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target.join(" ")).join(", ")})`);
  assert.deepEqual(told, [], what);
}

/** Calls a control of the emulator. */
export async function control(path, body, method = "POST") {
  const answer = await fetch(`${facts.emulator_url}/_emulator/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** A customer writes to an organisation. */
export function writes(from, to, text) {
  return control("inbound", { from, to: to.phone_number_id, text: { body: text } });
}

/** Waits until something outside of a page is so, and gives back what it was. */
export async function until(look, what, patience = 20_000) {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Calls the API as an organisation's own software. */
export async function api(of, method, path, body) {
  const answer = await fetch(`${facts.gateway_url}/api/v1/orgs/${of.org_id}${path && `/${path}`}`, {
    method,
    headers: { authorization: `Bearer ${of.api_key}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
