/** How the pages look in this browser: colours and direction. Kept here alone, since screens differ and people do not. */
import type { MantineColorScheme, MantineColorSchemeManager } from "@mantine/core";
import type { Language } from "@/i18n";

const KEY = "sapa.appearance";

/** What was chosen in this browser. `public/appearance.js` reads the same before the first paint. */
interface Appearance {
  scheme?: MantineColorScheme;
  language?: Language;
}

/** What was chosen, nothing where storage is forbidden. */
export function appearance(): Appearance {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Appearance;
  } catch {
    return {};
  }
}

/** Remembers a choice. */
export function remember(change: Appearance): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...appearance(), ...change }));
  } catch {
    // It holds until the page is left.
  }
}

/** Mantine's colours, remembered with the rest. */
export const colours: MantineColorSchemeManager = {
  get: (fallback) => appearance().scheme ?? fallback,
  set: (scheme) => remember({ scheme }),
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => remember({ scheme: "auto" }),
};

/** `?dir=rtl` mirrors the pages, for translators and tests; no language of ours is written from the right yet. */
export function direction(): "ltr" | "rtl" {
  return new URLSearchParams(location.search).get("dir") === "rtl" || document.documentElement.dir === "rtl"
    ? "rtl"
    : "ltr";
}
