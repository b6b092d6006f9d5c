import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { digest } from "./browser";

/** The worker as a browser runs it, with windows that are open. */
function worker(windows: { url: string; focused: boolean }[] = []) {
  const listeners = new Map<string, (event: unknown) => void>();
  const pages = windows.map((page) => ({ ...page, focus: vi.fn(), postMessage: vi.fn() }));
  const show = vi.fn();
  const openWindow = vi.fn();
  const subscribe = vi.fn(() => Promise.resolve(subscription("new")));
  const scope = {
    addEventListener: (kind: string, listener: (event: unknown) => void) => listeners.set(kind, listener),
    clients: { matchAll: () => Promise.resolve(pages), openWindow },
    registration: { showNotification: show, pushManager: { subscribe } },
    location: { origin: "https://sapa.example" },
    navigator: { userAgent: "Firefox" },
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- as the browser does
  new Function("self", readFileSync("public/sw.js", "utf8"))(scope);
  const dispatch = async (kind: string, event: object) => {
    const waits: Promise<unknown>[] = [];
    listeners.get(kind)?.({ ...event, waitUntil: (wait: Promise<unknown>) => waits.push(wait) });
    await Promise.all(waits);
  };
  return { pages, show, openWindow, subscribe, dispatch, push: (alert: unknown) => dispatch("push", { data: { json: () => alert } }) };
}

/** A subscription as browsers have it. */
function subscription(name: string) {
  const endpoint = `https://push.example/${name}`;
  return { endpoint, toJSON: () => ({ endpoint, keys: { p256dh: "key", auth: "secret" } }) };
}

const alert = { kind: "handed_off", organisation: "kopi", conversation_id: "c1", contact: "Sari", locale: "id" };
const path = "/o/kopi/inbox/c1";

describe("an alert", () => {
  it.each(["handed_off", "assigned", "mentioned", "try"])("is told in both languages: %s", async (kind) => {
    const told = new Set<unknown>();
    for (const locale of ["en", "id"]) {
      const { push, show } = worker();
      await push({ ...alert, kind, locale });
      const [title, { body, lang, data }] = show.mock.lastCall as [string, { body: string; lang: string; data: unknown }];
      expect(`${title} ${body}`).not.toMatch(/[{}]|undefined/);
      expect([lang, data]).toEqual([locale, { path }]);
      told.add(title);
    }
    expect(told.size).toBe(2);
  });

  it.each(["quality_fell", "limit_lowered", "limit_raised", "name_approved", "name_declined", "restricted", "pin_changed", "username_lost"])(
    "about a number is told in both languages and leads to its page: %s",
    async (kind) => {
      const told = new Set<unknown>();
      for (const locale of ["en", "id"]) {
        const { push, show } = worker();
        await push({ kind: `number_${kind}`, organisation: "kopi", number_id: "n1", number: "+62 21", locale });
        const [title, { body, tag, data }] = show.mock.lastCall as [string, { body: string; tag: string; data: unknown }];
        expect(`${title} ${body}`).not.toMatch(/[{}]|undefined/);
        expect([tag, data]).toEqual(["n1", { path: "/o/kopi/numbers/n1" }]);
        told.add(title);
      }
      expect(told.size).toBe(2);
    },
  );

  it("names the contact as it is, and somebody where there is no name", async () => {
    const { push, show } = worker();
    await push({ ...alert, contact: "$& Sari" });
    await push({ ...alert, contact: "" });
    expect(show.mock.calls.map(([title]) => title as string)).toEqual([
      "$& Sari menunggu dijawab orang",
      "Seorang pelanggan menunggu dijawab orang",
    ]);
  });

  it("is shown even where it does not read or is of a later kind", async () => {
    const { dispatch, push, show } = worker();
    await dispatch("push", { data: null });
    await push({ ...alert, kind: "resolved", locale: "fr" });
    expect(show).toHaveBeenCalledTimes(2);
    expect(show.mock.lastCall?.[0]).toBe("Something new in your inbox");
  });

  it("is not shown to whoever is looking at it already", async () => {
    const seen = worker([{ url: `https://sapa.example${path}?tab=notes`, focused: true }]);
    await seen.push({ ...alert, kind: "mentioned" });
    expect(seen.show).not.toHaveBeenCalled();
    const hidden = worker([{ url: `https://sapa.example${path}`, focused: false }]);
    await hidden.push(alert);
    expect(hidden.show).toHaveBeenCalledOnce();
  });

  it("leaves hand-offs and mentions to the organisation's open page, and nothing else", async () => {
    const page = { url: "https://sapa.example/o/kopi/members", focused: true };
    const open = worker([page]);
    await open.push(alert);
    await open.push({ ...alert, kind: "mentioned" });
    expect(open.show).not.toHaveBeenCalled();
    await open.push({ ...alert, kind: "assigned" });
    await open.push({ ...alert, organisation: "klinik" });
    expect(open.show).toHaveBeenCalledTimes(2);
  });
});

describe("a click", () => {
  let notification: { close: () => void; data: { path: string } };
  beforeEach(() => {
    notification = { close: vi.fn(), data: { path } };
  });

  it("goes to the window that shows the conversation", async () => {
    const { dispatch, pages } = worker(["/o/kopi", path].map((at) => ({ url: `https://sapa.example${at}`, focused: false })));
    await dispatch("notificationclick", { notification });
    expect(pages[1]?.focus).toHaveBeenCalledOnce();
    expect(pages[0]?.focus).not.toHaveBeenCalled();
  });

  it("asks another window to go there, and opens one where there is none", async () => {
    const one = worker([{ url: "https://sapa.example/o/kopi", focused: false }]);
    await one.dispatch("notificationclick", { notification });
    expect(one.pages[0]?.postMessage).toHaveBeenCalledWith({ type: "open", path });
    expect(one.pages[0]?.focus).toHaveBeenCalledOnce();
    const none = worker();
    await none.dispatch("notificationclick", { notification });
    expect(none.openWindow).toHaveBeenCalledWith(path);
  });
});

describe("a new address at the push service", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A server with two organisations; alerts are on in the first. A third one before it may refuse everything. */
  async function server(refusing?: string) {
    const old = { id: "s1", endpoint_sha256: await digest("https://push.example/old"), user_agent: "Firefox" };
    const other = { id: "s2", endpoint_sha256: await digest("https://push.example/other"), user_agent: "Chrome" };
    const answers: Record<string, unknown> = {
      "GET me": { organisations: [{ id: "o2" }, ...(refusing ? [{ id: refusing }] : []), { id: "o1" }] },
      "GET orgs/o2/push-key": { public_key: "BKey" },
      "GET orgs/o1/push-subscriptions": { items: [other, old] },
      "GET orgs/o2/push-subscriptions": { items: [other] },
    };
    const changes: [string, unknown][] = [];
    vi.stubGlobal("fetch", (path: string, { method, body }: { method: string; body?: string }) => {
      const what = `${method} ${path.replace("/api/v1/", "")}`;
      if (refusing && what.includes(refusing)) return Promise.resolve(new Response(null, { status: 403 }));
      if (method === "GET") return Promise.resolve(Response.json(answers[what]));
      changes.push([what, body && JSON.parse(body)]);
      return Promise.resolve(method === "DELETE" ? new Response(null, { status: 204 }) : Response.json({}, { status: 201 }));
    });
    return changes;
  }
  const added = ["POST orgs/o1/push-subscriptions", { endpoint: "https://push.example/new", p256dh: "key", auth: "secret" }];

  it("takes the place of the old one where alerts were on", async () => {
    const changes = await server();
    const { dispatch, subscribe } = worker();
    await dispatch("pushsubscriptionchange", { oldSubscription: subscription("old"), newSubscription: subscription("new") });
    expect(changes).toEqual([["DELETE orgs/o1/push-subscriptions/s1", undefined], added]);
    expect(subscribe).not.toHaveBeenCalled();
  });

  it("is learnt by the others though one organisation refuses it", async () => {
    const changes = await server("o3");
    await worker().dispatch("pushsubscriptionchange", { oldSubscription: subscription("old"), newSubscription: subscription("new") });
    expect(changes).toContainEqual(added);
  });

  it("is asked for, and added, where the browser tells neither", async () => {
    const changes = await server();
    const { dispatch, subscribe } = worker();
    await dispatch("pushsubscriptionchange", { oldSubscription: null, newSubscription: null });
    expect(changes).toEqual([added]);
    expect(subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: "BKey" });
  });
});
