/** What was done with a conversation, as quiet lines among its messages: who took it, gave it back, closed it. */
import { useThrottledCallback } from "@mantine/hooks";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useLive } from "@/api/live";
import { useMembership, useOrg } from "@/app/session";
import { isolated } from "@/ui/isolated";
import { Time } from "@/ui/Time";
import { useMembers } from "../queries";
import classes from "./History.module.css";
import type { Stretch } from "./stretch";
import type { Deed } from "./timeline";

/** The newest of them; a conversation that was handed about more often than this shows no more. */
const MOST = 200;

/** Conversations change with every message: what was done is read anew no more often than this. */
const EVERY_MS = 2000;

const historyQuery = (org: string, conversation: string) =>
  queryOptions({
    queryKey: ["org", org, "history", conversation],
    queryFn: () =>
      answer(
        api.GET("/api/v1/orgs/{org}/conversations/{conversation}/history", {
          params: { path: { org, conversation }, query: { limit: MOST } },
        }),
      ),
    select: (list) => list.items,
    // Nobody hears what is done while the thread is not shown.
    refetchOnMount: "always",
  });

interface HistoryProps {
  conversation: string;
  /** The part of the thread that is here. */
  here: Stretch;
  /** Told what was done within it. */
  onRead: (deeds: readonly Deed[]) => void;
}

/** Reads what was done, and draws nothing itself. */
export function History({ conversation, here: { items, older, hasNewer }, onRead }: HistoryProps) {
  const org = useOrg();
  const queries = useQueryClient();
  const { data } = useQuery(historyQuery(org, conversation));
  const readAnew = useThrottledCallback(() => void queries.invalidateQueries(historyQuery(org, conversation)), EVERY_MS);
  useLive(["conversation.updated"], ({ conversation_id: id }) => {
    if (id === conversation) readAnew();
  });
  const within = useMemo(() => {
    const from = older === null ? 0 : (items[0]?.at ?? 0);
    const until = hasNewer ? (items.at(-1)?.at ?? 0) : Infinity;
    return data?.filter(({ at }) => at >= from && at <= until);
  }, [data, items, older, hasNewer]);
  useEffect(() => {
    if (within) onRead(within);
  }, [within, onRead]);
  return null;
}

export function DeedRow({ deed }: { deed: Deed }) {
  const told = useTold(deed);
  return (
    <div className={classes.deed}>
      <span>
        {told} · <Time at={deed.at} format="short" />
      </span>
    </div>
  );
}

/** The sentence of a deed. */
function useTold({ what, member_id: by, by_itself: byItself, assignee_id: assignee, until, ai, reason }: Deed): string {
  const { t } = useTranslation("inbox");
  const { member_id: me } = useMembership();
  const members = useMembers();
  const named = (id: string) => isolated(members.get(id)?.name ?? t("author.former"));
  const name = by === me ? t("author.you") : by ? named(by) : t(byItself ? "deed.itself" : "deed.key");
  switch (what) {
    case "assigned":
      if (!assignee) return t("deed.freed", { name });
      return assignee === by ? t("deed.took", { name }) : t("deed.assigned", { name, to: assignee === me ? t("deed.toYou") : named(assignee) });
    case "snoozed":
      return t(until ? "deed.snoozed" : "deed.unsnoozed", { name });
    case "ai":
      if (ai === "on") return t("deed.aiOn", { name });
      if (ai === "off") return t("deed.aiOff", { name });
      if (!byItself) return t("deed.tookOver", { name });
      return t(reason === "asked_for_a_person" ? "deed.handedOffAsked" : "deed.handedOff");
    default:
      return t(`deed.${what}`, { name });
  }
}
