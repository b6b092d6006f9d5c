/** Which conversations a list shows: the views, and the filters within them. */
import type { Schemas } from "@/api/client";
import type { paths } from "@/api/schema";

/** A conversation of the list. */
export type Conversation = Schemas["Conversation"];

/** What the server is asked for. */
export type ListQuery = NonNullable<paths["/api/v1/orgs/{org}/conversations"]["get"]["parameters"]["query"]>;

/** A view: what it asks the server, and whether a conversation that changed belongs to it. */
interface View {
  query: ListQuery;
  /** Its number in the counts, where the server counts it. */
  count?: keyof Schemas["Counts"];
  holds: (conversation: Conversation, me: string) => boolean;
}

/** Open, and not put out of sight for a while. */
const isOpen = (conversation: Conversation) => conversation.status === "open" && !conversation.snoozed_until;

/** The views in their order. */
export const VIEWS = {
  mine: {
    query: { status: "open", snoozed: false, assignee: "me" },
    count: "mine",
    holds: (one, me) => isOpen(one) && one.assignee_id === me,
  },
  unassigned: {
    query: { status: "open", snoozed: false, assignee: "nobody" },
    count: "unassigned",
    holds: (one) => isOpen(one) && !one.assignee_id,
  },
  open: { query: { status: "open", snoozed: false }, count: "open", holds: isOpen },
  handedOff: {
    query: { status: "open", snoozed: false, ai: "handed_off" },
    count: "handed_off",
    holds: (one) => isOpen(one) && one.ai.state === "handed_off",
  },
  unread: { query: { unread: true, snoozed: false }, count: "unread", holds: (one) => one.unread > 0 && !one.snoozed_until },
  snoozed: {
    query: { status: "open", snoozed: true },
    count: "snoozed",
    holds: (one) => one.status === "open" && Boolean(one.snoozed_until),
  },
  closed: { query: { status: "closed" }, holds: (one) => one.status === "closed" },
} satisfies Record<string, View>;

/** The name of a view. */
export type ViewName = keyof typeof VIEWS;

/** The names of the views in their order. */
export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

/** What the view is, with its optional parts. */
export function view(name: ViewName): View {
  return VIEWS[name];
}

/** What a list shows. */
export interface Place {
  view: ViewName;
  number?: string;
  label?: string;
  /** A member's id, or `nobody`. */
  assignee?: string;
}

/** Whether a view leaves a choice of assignee. */
export function leavesAssignee(name: ViewName): boolean {
  return !view(name).query.assignee;
}

/** What the server is asked for, for a place. */
export function asQuery({ view: name, number, label, assignee }: Place): ListQuery {
  const { query } = view(name);
  return { ...query, number_id: number, label, assignee: query.assignee ?? assignee };
}

/** Whether a conversation belongs to a place. */
export function belongs(conversation: Conversation, place: Place, me: string): boolean {
  const { number, label, assignee } = place;
  if (!view(place.view).holds(conversation, me)) return false;
  if (number && conversation.number_id !== number) return false;
  if (label && !conversation.contact.labels.includes(label)) return false;
  if (!assignee || !leavesAssignee(place.view)) return true;
  return assignee === "nobody" ? !conversation.assignee_id : conversation.assignee_id === assignee;
}

/** Why the AI is silent where a person has taken over by themselves. */
const BY_A_PERSON: readonly unknown[] = ["agent_replied", "answered_on_phone", "taken_over"];

/** Whether a customer waits for a person and nobody has taken it: the AI gave it up, and no member has answered since. */
export function waitsForPerson({ ai, assignee_id: assignee }: Conversation): boolean {
  return ai.state === "handed_off" && !assignee && !BY_A_PERSON.includes(ai.reason);
}

/** How many filters narrow a place. */
export function filterCount({ view: name, number, label, assignee }: Place): number {
  return [number, label, leavesAssignee(name) ? assignee : undefined].filter(Boolean).length;
}
