/** Who else looks at a conversation or writes in it; and tells the others that this member does. */
import { useCallback, useEffect, useRef, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useLive } from "@/api/live";
import { useMay, useMembership } from "@/app/session";

type Doing = Schemas["Doing"];

/** How often it is told while it lasts, and how long it counts. */
const REPEAT_MS = 20_000;
const LASTS_MS = 45_000;

/** What another member does. */
export interface Other {
  member: string;
  doing: "viewing" | "typing";
}

/** Watches a conversation. */
export function usePresence(conversation: string): { others: readonly Other[]; tellTyping: () => void } {
  const { id: org, member_id: me } = useMembership();
  const may = useMay()("inbox.write");
  const [others, setOthers] = useState<ReadonlyMap<string, { doing: Other["doing"]; until: number }>>(new Map());
  const typed = useRef(0);

  const tell = useCallback(
    (doing: Doing) => {
      if (!may) return;
      // A courtesy among members: where it fails, nothing is lost.
      api
        .POST("/api/v1/orgs/{org}/conversations/{conversation}/presence", {
          params: { path: { org, conversation } },
          body: { doing },
          // Goodbye is said while the page goes away.
          keepalive: doing === "left",
        })
        .catch(() => undefined);
    },
    [org, conversation, may],
  );

  useEffect(() => {
    tell("viewing");
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") tell("viewing");
    }, REPEAT_MS);
    const leave = () => tell("left");
    addEventListener("pagehide", leave);
    return () => {
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [tell]);

  useEffect(() => {
    const timer = setInterval(() => {
      const now = Date.now();
      setOthers((had) => {
        const left = [...had].filter(([, one]) => one.until > now);
        return left.length === had.size ? had : new Map(left);
      });
    }, 5000);
    return () => clearInterval(timer);
  }, []);

  useLive(["conversation.presence"], ({ conversation_id: where, member_id: member, doing }) => {
    if (where !== conversation || member === me) return;
    // Whoever came later has not heard of us yet.
    if (doing === "viewing" && !others.has(member)) tell("viewing");
    setOthers((had) => {
      const now = new Map(had);
      if (doing === "left") now.delete(member);
      else now.set(member, { doing, until: Date.now() + LASTS_MS });
      return now;
    });
  });

  const tellTyping = useCallback(() => {
    if (Date.now() - typed.current < REPEAT_MS / 2) return;
    typed.current = Date.now();
    tell("typing");
  }, [tell]);

  return { others: [...others].map(([member, { doing }]) => ({ member, doing })), tellTyping };
}
