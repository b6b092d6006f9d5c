/** What was chosen in this browser: colours, language, whose phone was held last. The rest is the emulator's. */
import type { Language } from "@/i18n/languages";

const KEY = "phone.wishes";

/** Colours. */
export type Scheme = "auto" | "light" | "dark";

interface Wishes {
  scheme?: Scheme;
  language?: Language;
  /** The person whose phone was held last. */
  person?: string;
  /** Whether the tools stand beside the phone. */
  tools?: boolean;
}

/** What was chosen, nothing where storage is forbidden. */
export function wishes(): Wishes {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Wishes;
  } catch {
    return {};
  }
}

/** Remembers a choice. */
export function remember(change: Wishes): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...wishes(), ...change }));
  } catch {
    // It holds until the page is left.
  }
  applyWishes();
}

/** Puts colours and direction on the page. `?dir=rtl` mirrors it, for translators and tests. */
export function applyWishes(): void {
  const root = document.documentElement;
  root.dataset.scheme = wishes().scheme ?? "auto";
  if (new URLSearchParams(location.search).get("dir") === "rtl") root.dir = "rtl";
}
