/** The keys of the conversation that is open. */
import { useMay, useMembership } from "@/app/session";
import type { Conversation } from "../places";
import { useChange } from "../takeover/changes";
import { CHANGES } from "./changes";
import { useKeys, type Keys } from "./useKeys";

interface ConversationKeysProps {
  conversation: Conversation;
  onDetails: () => void;
  onWrite: () => void;
  onNote: () => void;
  onSnooze: () => void;
  onNewest: () => void;
  onMarkUnread: () => void;
}

export function ConversationKeys({ conversation, onDetails, onWrite, onNote, onSnooze, onNewest, onMarkUnread }: ConversationKeysProps) {
  const { member_id: me } = useMembership();
  const may = useMay()("inbox.write");
  const { mutate } = useChange(conversation);
  const { status, ai, assignee_id: assignee, snoozed_until: snoozed } = conversation;
  const changes: Keys = {
    n: onNote,
    [CHANGES.close]: () => mutate({ what: status === "open" ? "close" : "reopen" }),
    [CHANGES.assign]: () => mutate({ what: "assign", member: assignee === me ? null : me }),
    [CHANGES.handOver]: () => mutate({ what: ai.state === "on" ? "handOff" : "handBack" }),
    [CHANGES.unread]: onMarkUnread,
    [CHANGES.snooze]: () => (snoozed ? mutate({ what: "snooze", until: null }) : onSnooze()),
  };
  useKeys({
    r: onWrite,
    i: onDetails,
    g: onNewest,
    ...(may ? changes : {}),
  });
  return null;
}
