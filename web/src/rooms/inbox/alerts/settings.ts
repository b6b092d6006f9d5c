/** How somebody wants to be called, in this browser. */
import { useSyncExternalStore } from "react";

const KEY = "sapa.alerts";

/** How somebody is called at a hand-off. */
export interface AlertSettings {
  isMuted: boolean;
  /** Whether they were asked about notifications, so that they are not asked again. */
  wasAsked: boolean;
}

const listeners = new Set<() => void>();
let settings = read();

function read(): AlertSettings {
  try {
    return { isMuted: false, wasAsked: false, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<AlertSettings>) };
  } catch {
    return { isMuted: false, wasAsked: false };
  }
}

/** What is set now. */
export function alertSettings(): AlertSettings {
  return settings;
}

/** Changes the settings. */
export function setAlerts(change: Partial<AlertSettings>): void {
  settings = { ...settings, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // It holds until the page is left.
  }
  for (const listener of listeners) listener();
}

/** The settings, as they change. */
export function useAlertSettings(): AlertSettings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    alertSettings,
  );
}
