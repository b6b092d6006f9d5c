/** The emulator's time, ticking. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useReducer } from "react";
import { clockQuery } from "../api/queries";

/** Now on the emulator's clock, anew every so many milliseconds. */
export function useNow(every = 1000): number {
  const ahead = useQuery(clockQuery).data?.ahead ?? 0;
  const [now, tick] = useReducer(() => Date.now(), 0, () => Date.now());
  useEffect(() => {
    const timer = setInterval(tick, every);
    return () => clearInterval(timer);
  }, [every]);
  return now + ahead;
}
