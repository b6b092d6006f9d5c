/** Meta's JavaScript SDK, or the stand-in of an emulator: loaded when it is needed, from where the server says. */
import type { Schemas } from "@/api/client";

/** What is used of the SDK. */
interface Facebook {
  init(options: { appId: string; version: string; cookie: boolean; xfbml: boolean; autoLogAppEvents: boolean }): void;
  login(callback: (answer?: LoginAnswer) => void, options: object): void;
}

interface LoginAnswer {
  authResponse?: { code?: string | null } | null;
}

declare global {
  interface Window {
    FB?: Facebook;
    /** Called by the SDK as soon as it is there. */
    fbAsyncInit?: () => void;
  }
}

type Dialog = Schemas["Dialog"];

/** Whether the SDK has said that it is there, however late. */
let there = false;

/** How long the SDK may take. */
const PATIENCE_MS = 15_000;

/** Loads the SDK, once, and names the app. @throws when it does not come, which content blockers see to. */
export async function loadSdk(dialog: Dialog): Promise<void> {
  if (!there) await script(dialog.sdk_url);
  sdk().init({
    appId: dialog.app_id,
    version: dialog.graph_version,
    cookie: false,
    xfbml: false,
    autoLogAppEvents: false,
  });
}

/** That the script has come is not enough: Meta's fetches the rest of itself, and keeps what is called until then. */
function script(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    const timer = setTimeout(() => reject(new Error("the SDK did not come in time")), PATIENCE_MS);
    window.fbAsyncInit = () => {
      there = true;
      clearTimeout(timer);
      resolve();
    };
    element.src = url;
    element.crossOrigin = "anonymous";
    element.onerror = () => {
      clearTimeout(timer);
      element.remove();
      reject(new Error("the SDK could not be loaded"));
    };
    document.head.append(element);
  });
}

function sdk(): Facebook {
  if (!window.FB) throw new Error("the SDK is not there");
  return window.FB;
}

/**
 * Opens the dialog; only in answer to a press of a button. Returns its window, `null` where the browser blocked it: the
 * SDK does not tell, so its call of `window.open`, made in the same turn, is listened to.
 */
export function openDialog(dialog: Dialog, returned: (code: string | null) => void): Window | null {
  const open = window.open.bind(window);
  let opened: Window | null = null;
  window.open = (...given) => (opened = open(...given));
  try {
    // A plain function: the SDK refuses async ones.
    sdk().login((answer) => returned(answer?.authResponse?.code ?? null), {
      config_id: dialog.config_id,
      response_type: "code",
      override_default_response_type: true,
      extras: dialog.extras,
    });
  } finally {
    window.open = open;
  }
  return opened;
}
