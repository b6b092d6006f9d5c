/** The server's time: what it counts windows by, whatever the clock of this computer says. */
import { useEffect, useState } from "react";

/** A difference that is worth a word, in milliseconds. */
const LEAP_MS = 1000;

/** How far the server is ahead of this computer, in milliseconds. */
let ahead = 0;
const leaps = new EventTarget();

/** The server has told its time, in microseconds; one that is older than this page tells none. */
export function setServerTime(micros: number | undefined): void {
  if (micros === undefined) return;
  const now = micros / 1000 - Date.now();
  if (Math.abs(now - ahead) < LEAP_MS) return;
  ahead = now;
  leaps.dispatchEvent(new Event("leap"));
}

/** The server's present, in microseconds. */
export function serverNow(): number {
  return (Date.now() + ahead) * 1000;
}

/** The server's present in microseconds, at most `seconds` old. */
export function useServerNow(seconds: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const tell = () => setNow(serverNow());
    const timer = setInterval(tell, seconds * 1000);
    leaps.addEventListener("leap", tell);
    return () => {
      clearInterval(timer);
      leaps.removeEventListener("leap", tell);
    };
  }, [seconds]);
  return now;
}
