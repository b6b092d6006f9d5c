/** Around a dialog that is in the page only while it is open: then the focus goes back to where it was. */
import { useEffect, useState, type ReactNode, type RefObject } from "react";

interface FocusBackProps {
  /** Takes the focus where what had it is gone, as the item of a menu is. */
  origin?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

export function FocusBack({ origin, children }: FocusBackProps) {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // The dialog lets go of the focus first.
      setTimeout(() => {
        if (document.activeElement !== document.body) return;
        const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body;
        (isThere ? before : origin?.current)?.focus();
      });
    },
    [before, origin],
  );
  return children;
}
