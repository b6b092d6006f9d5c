/** Marks a conversation as read while somebody looks at its end, unless they want to come back to it. */
import { useEffect, useRef, useState } from "react";
import type { Conversation } from "../places";
import type { Change } from "./changes";

/** Whether this tab is being looked at. */
function useLooking(): boolean {
  const looking = () => document.visibilityState === "visible" && document.hasFocus();
  const [isLooking, setLooking] = useState(looking);
  useEffect(() => {
    const look = () => setLooking(looking());
    addEventListener("focus", look);
    addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      removeEventListener("blur", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return isLooking;
}

/** Reads for whoever looks. */
export function useReading(conversation: Conversation, isInSight: boolean, change: (change: Change) => void) {
  const isLooking = useLooking();
  const kept = useRef<string | null>(null);
  const tried = useRef<string | null>(null);
  const { unread, last_message: last } = conversation;
  const newest = last?.id ?? "";
  useEffect(() => {
    // What was kept unread stays so until something new comes in.
    if (unread === 0 || !isLooking || !isInSight || kept.current === newest) return;
    // Where the server refuses, it is as unread as before: asking again at once would never end.
    const what = `${newest} ${unread}`;
    if (tried.current === what) return;
    tried.current = what;
    change({ what: "markRead" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `change` is made anew each time and does the same
  }, [unread, isLooking, isInSight, newest]);
  return {
    keepUnread: () => {
      kept.current = newest;
    },
  };
}
