/** What may be sent changes when the window closes, though nothing happens then that anybody tells. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useServerNow } from "@/api/time";
import { useOrg } from "@/app/session";
import type { Conversation } from "./places";
import { conversationKey } from "./queries";
import { windowTime } from "./windowTime";

/** Reads a conversation anew when its window closes. */
export function useWindowEnd({ id, window_closes_at: closesAt }: Conversation): void {
  const queries = useQueryClient();
  const org = useOrg();
  const { state } = windowTime(closesAt, useServerNow(20));
  const isClosed = state === "closed";
  const had = useRef(isClosed);
  useEffect(() => {
    if (had.current === isClosed) return;
    had.current = isClosed;
    void queries.invalidateQueries({ queryKey: conversationKey(org, id) });
  }, [queries, org, id, isClosed]);
}
