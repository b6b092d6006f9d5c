/** What may be done with a conversation: shown at once, taken back with the reason where the server refuses. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { useMembership } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { countsQuery } from "../counts";
import { changed, type LabelChange } from "../labels";
import { showConversation } from "../live";
import type { Conversation } from "../places";
import { labelsQuery } from "../queries";

/** A change of a conversation. */
export type Change =
  | { what: "assign"; member: string | null }
  | { what: "close" | "reopen" | "handOff" | "handBack" | "markRead" | "markUnread" }
  | { what: "ai"; on: boolean }
  | { what: "snooze"; until: number | null }
  | ({ what: "label" } & LabelChange);

const BASE = "/api/v1/orgs/{org}/conversations/{conversation}";

/** Asks the server for a change. */
function ask(org: string, conversation: string, change: Change): Promise<Conversation> {
  const params = { path: { org, conversation } };
  switch (change.what) {
    case "assign":
      return answer(api.POST(`${BASE}/assign`, { params, body: { member_id: change.member } }));
    case "close":
      return answer(api.POST(`${BASE}/close`, { params }));
    case "reopen":
      return answer(api.POST(`${BASE}/reopen`, { params }));
    case "handOff":
      return answer(api.POST(`${BASE}/hand-off`, { params }));
    case "handBack":
      return answer(api.POST(`${BASE}/hand-back`, { params }));
    case "markRead":
      return answer(api.POST(`${BASE}/read`, { params }));
    case "markUnread":
      return answer(api.POST(`${BASE}/unread`, { params }));
    case "snooze":
      return answer(api.PUT(`${BASE}/snooze`, { params, body: { until: change.until } }));
    case "label":
      return answer(api.PATCH(`${BASE}/labels`, { params, body: { add: change.add, remove: change.remove } }));
    case "ai":
      return answer(api.PUT(`${BASE}/ai`, { params, body: { on: change.on } }));
  }
}

/** How a conversation looks after a change, as far as can be said before the server has. */
function foreseen(conversation: Conversation, change: Change): Conversation {
  const ai = (state: Conversation["ai"]["state"]) => ({ ...conversation, ai: { ...conversation.ai, state } });
  switch (change.what) {
    case "assign":
      return { ...conversation, assignee_id: change.member };
    case "close":
      return { ...conversation, status: "closed" };
    case "reopen":
      return { ...conversation, status: "open" };
    case "handOff":
      return ai("handed_off");
    case "handBack":
      return ai("on");
    case "ai":
      return ai(change.on ? "on" : "off");
    case "snooze":
      return { ...conversation, snoozed_until: change.until };
    case "label":
      return { ...conversation, labels: changed(conversation.labels, change) };
    case "markRead":
      return { ...conversation, unread: 0 };
    case "markUnread":
      return { ...conversation, unread: Math.max(conversation.unread, 1) };
  }
}

/** Changes a conversation. */
export function useChange(conversation: Conversation) {
  const queries = useQueryClient();
  const { id: org, member_id: me } = useMembership();
  const show = (one: Conversation) => showConversation(queries, org, me, one);
  return useMutation({
    mutationFn: (change: Change) => ask(org, conversation.id, change),
    onMutate: (change) => {
      show(foreseen(conversation, change));
      return conversation;
    },
    onSuccess: (now, change) => {
      show(now);
      void queries.invalidateQueries({ queryKey: (change.what === "label" ? labelsQuery : countsQuery)(org).queryKey });
    },
    onError: (error, _, before) => {
      if (before) show(before);
      tellProblem(error);
    },
  });
}
