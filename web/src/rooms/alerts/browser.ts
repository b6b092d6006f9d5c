/** This browser, as far as it can be called while no page is open. */
import { Told } from "@/api/problem";
import type { Schemas } from "@/api/client";

/** Why this browser cannot be called now. */
export type Obstacle = "insecure" | "notInstalled" | "unknown" | "denied";

/** What decides whether a browser can be called. */
export interface Abilities {
  isSecure: boolean;
  /** It knows push messages. */
  hasPush: boolean;
  /** It is an iPhone or iPad, where only installed pages know push messages. */
  isAppleTouch: boolean;
  permission: NotificationPermission;
}

/** What stands in the way, first what must be mended first. */
export function obstacleOf({ isSecure, hasPush, isAppleTouch, permission }: Abilities): Obstacle | null {
  if (!isSecure) return "insecure";
  if (!hasPush) return isAppleTouch ? "notInstalled" : "unknown";
  return permission === "denied" ? "denied" : null;
}

/** What stands in the way in this browser. */
export function obstacle(): Obstacle | null {
  const hasPush = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
  return obstacleOf({
    isSecure: isSecureContext,
    hasPush,
    isAppleTouch: /iPhone|iPad|iPod/.test(navigator.userAgent) || isDesktopLikeIpad(),
    permission: hasPush ? Notification.permission : "default",
  });
}

/** iPads say that they are a Mac; no Mac has a touch screen. */
function isDesktopLikeIpad(): boolean {
  return navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1;
}

/** Whether the server calls this browser by itself: the worker is there only where alerts are turned on. */
export function isCalledByServer(): boolean {
  return "serviceWorker" in navigator && navigator.serviceWorker.controller !== null;
}

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return "serviceWorker" in navigator ? navigator.serviceWorker.getRegistration("/") : undefined;
}

/** The subscription of this browser, if it has one. */
async function subscription(): Promise<PushSubscription | null> {
  const found = await registration();
  return found && "pushManager" in found ? found.pushManager.getSubscription() : null;
}

/** By what the server tells this browser from others; `null`: it is not called. */
export async function fingerprint(): Promise<string | null> {
  const found = await subscription();
  return found && Notification.permission === "granted" ? digest(found.endpoint) : null;
}

/** SHA-256 in hexadecimal digits. */
export async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What is said where turning on fails in the browser itself. */
export interface Refusals {
  /** The person said no, or closed the question. */
  denied: string;
  /** The browser's push service cannot be reached, or the browser has none. */
  noService: string;
}

/**
 * Asks the person, and subscribes this browser.
 *
 * @throws {Told} when the person or the browser refuses
 */
export async function subscribe(publicKey: string, refusals: Refusals): Promise<Schemas["NewPushSubscription"]> {
  if ((await Notification.requestPermission()) !== "granted") throw new Told(refusals.denied);
  const key = bytes(publicKey);
  await navigator.serviceWorker.register("/sw.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  // A subscription with another installation's key would be refused at every message.
  if (before && !isKey(before, key)) await before.unsubscribe();
  const found = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }).catch((cause: unknown) => {
    throw new Told(refusals.noService, { cause });
  });
  const { endpoint, keys } = found.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Told(refusals.noService);
  return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
}

function isKey({ options }: PushSubscription, key: Uint8Array): boolean {
  const used = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer());
  return used.length === key.length && used.every((byte, place) => byte === key[place]);
}

/** Reads base64url. */
export function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

/** Ends the subscription and takes the worker away: nobody calls this browser any more. */
export async function forgetBrowser(): Promise<void> {
  const found = await registration();
  if (!found) return;
  await (await subscription())?.unsubscribe();
  await found.unregister();
}
