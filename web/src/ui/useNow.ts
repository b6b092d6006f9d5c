/** The moment at which what shows it came up: days that are left do not tick. */
import { useState } from "react";

/** In milliseconds. */
export function useNow(): number {
  const [now] = useState(() => Date.now());
  return now;
}
