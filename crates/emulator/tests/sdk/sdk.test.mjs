// The SDK stand-in in a window of our own making: what a page can observe of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../../src/signup/sdk.js", import.meta.url), "utf8");
const DIALOG = "http://127.0.0.1:8800";

/** A window with the SDK loaded, and the popup it opens. */
function load({ blocked = false, asyncInit } = {}) {
  const listeners = new Set();
  const popup = { closed: false, address: null };
  const window = {
    location: { href: "https://app.example/connect", origin: "https://app.example" },
    fbAsyncInit: asyncInit,
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
    open: (address) => {
      popup.address = new URL(address);
      return blocked ? null : popup;
    },
  };
  const document = { currentScript: { src: `${DIALOG}/id_ID/sdk.js`, dataset: {} } };
  // A popup that a test leaves open must not keep the process alive.
  const every = (work, ms) => setInterval(work, ms).unref();
  const context = { window, document, URL, URLSearchParams, setTimeout, setInterval: every, clearInterval, console };
  const run = () => vm.runInNewContext(source, context);
  run();
  const post = (data, origin = DIALOG) => [...listeners].forEach((listener) => listener({ data, origin }));
  return { window, popup, post, run, listeners };
}

const LOGIN = {
  config_id: "123000000000009",
  response_type: "code",
  override_default_response_type: true,
  extras: { setup: {} },
};

function started(options) {
  const page = load(options);
  page.window.FB.init({ appId: "111222333444555", version: "v25.0" });
  const answers = [];
  page.window.FB.login((answer) => answers.push(answer), LOGIN);
  return { ...page, answers, channel: page.popup.address.searchParams.get("channel") };
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const plain = (value) => JSON.parse(JSON.stringify(value));

test("fbAsyncInit runs once, even when the script is loaded twice", () => {
  let calls = 0;
  const page = load({ asyncInit: () => { calls += 1; } });
  page.run();
  assert.equal(calls, 1);
});

test("init needs a version and may be called again", () => {
  const { window } = load();
  assert.throws(() => window.FB.init({ appId: "1" }), /init not called with valid version/);
  window.FB.init({ appId: "1", version: "v25.0" });
  window.FB.init({ appId: "2", version: "v26.0" });
  window.FB.login(() => {}, LOGIN);
});

test("an async callback is refused in the SDK's words", () => {
  const { window } = load();
  window.FB.init({ appId: "1", version: "v25.0" });
  assert.throws(() => window.FB.login(async () => {}, LOGIN), /Expression is of type asyncfunction, not function/);
});

test("login before init opens nothing", () => {
  const { window, popup } = load();
  const warn = console.warn;
  console.warn = () => {};
  window.FB.login(() => {}, LOGIN);
  console.warn = warn;
  assert.equal(popup.address, null);
});

test("the popup carries what the page asked for", () => {
  const { popup } = started();
  const fields = Object.fromEntries(popup.address.searchParams);
  assert.equal(popup.address.origin + popup.address.pathname, `${DIALOG}/v25.0/dialog/oauth`);
  assert.equal(fields.client_id, "111222333444555");
  assert.equal(fields.config_id, "123000000000009");
  assert.equal(fields.origin, "https://app.example");
  assert.equal(fields.locale, "id_ID");
  assert.deepEqual(JSON.parse(fields.extras), { setup: {} });
});

test("the code comes by the SDK's own message, once, and session events are left to the page", () => {
  const { answers, channel, post, listeners } = started();
  post('{"type":"WA_EMBEDDED_SIGNUP","event":"FINISH","data":{}}');
  post(`cb=${channel}&relation=opener&code=STOLEN`, "https://evil.example");
  post("cb=other&code=OTHER");
  assert.deepEqual(answers, []);
  post(`cb=${channel}&relation=opener&code=AQBFAKE1`);
  post(`cb=${channel}&relation=opener&code=AQBFAKE2`);
  assert.deepEqual(plain(answers), [
    { authResponse: { userID: null, expiresIn: null, code: "AQBFAKE1" }, status: "connected" },
  ]);
  assert.equal(listeners.size, 0);
});

test("a closed popup is a cancellation", async () => {
  const { answers, popup } = started();
  popup.closed = true;
  await wait(900);
  assert.deepEqual(plain(answers), [{ authResponse: null, status: "unknown" }]);
});

test("a silent end never calls back", async () => {
  const { answers, channel, popup, post } = started();
  post(`cb=${channel}&silent=1`);
  popup.closed = true;
  await wait(900);
  assert.deepEqual(answers, []);
});

test("a blocked popup is a cancellation", async () => {
  const { answers } = started({ blocked: true });
  await wait(10);
  assert.deepEqual(plain(answers), [{ authResponse: null, status: "unknown" }]);
});

test("without the code response the page gets a user token", () => {
  const page = load();
  page.window.FB.init({ appId: "1", version: "v25.0" });
  const answers = [];
  page.window.FB.login((answer) => answers.push(answer), { config_id: "123000000000009" });
  page.post(`cb=${page.popup.address.searchParams.get("channel")}&code=AQBFAKE1`);
  assert.equal(answers[0].authResponse.accessToken, "EAAUSERFAKE");
  assert.equal(answers[0].authResponse.code, undefined);
});

test("the rest of the surface is there and does nothing", () => {
  const { window } = load();
  const { FB } = window;
  FB.init({ appId: "1", version: "v25.0", autoLogAppEvents: true, xfbml: true });
  assert.equal(FB.getAuthResponse(), null);
  FB.getLoginStatus((answer) => assert.deepEqual(plain(answer), { status: "unknown", authResponse: null }));
  FB.api("/me", (answer) => assert.equal(answer.error.code, 2500));
  FB.logout(() => {});
  FB.ui({});
  FB.XFBML.parse();
  FB.Event.subscribe("auth.login", () => {});
  for (const name of ["logEvent", "logPageView", "logPurchase", "activateApp", "setUserID", "clearUserID"]) {
    FB.AppEvents[name]();
  }
  assert.deepEqual(plain([FB.AppEvents.EventNames, FB.AppEvents.ParameterNames]), [{}, {}]);
});
