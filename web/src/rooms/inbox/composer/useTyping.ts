/** Shows the customer that somebody writes, while somebody does. */
import { useCallback, useRef } from "react";
import { api } from "@/api/client";
import { useOrg } from "@/app/session";

/** WhatsApp shows it for 25 seconds. */
const AGAIN_MS = 20_000;

/** To be called on every key; tells the server seldom. */
export function useTyping(conversation: string): () => void {
  const org = useOrg();
  const told = useRef(0);
  return useCallback(() => {
    if (Date.now() - told.current < AGAIN_MS) return;
    told.current = Date.now();
    // A courtesy: where it fails, the message itself says what is wrong.
    api
      .POST("/api/v1/orgs/{org}/conversations/{conversation}/typing", { params: { path: { org, conversation } } })
      .catch(() => undefined);
  }, [org, conversation]);
}
