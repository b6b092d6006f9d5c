/** Which conversations a list shows: the views, and the filters within them. */
import type { Schemas } from "@/api/client";
import type { paths } from "@/api/schema";

/** A conversation of the list. */
export type Conversation = Schemas["Conversation"];

/** What a list shows: conversations that fit everything given. Views are kept, and the server is asked, in these words. */
export type Place = Schemas["ViewFilter"];

type ListQuery = NonNullable<paths["/api/v1/orgs/{org}/conversations"]["get"]["parameters"]["query"]>;

/** What the server is asked for: an address knows no `null`. */
export function asQuery(place: Place): ListQuery {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== null));
}

/** A view that everybody has. */
interface View {
  filter: Place;
  /** Its number in the counts, where the server counts it. */
  count?: keyof Schemas["Counts"];
}

/** The views in their order. */
export const VIEWS = {
  mine: { filter: { status: "open", snoozed: false, assignee: "me" }, count: "mine" },
  unassigned: { filter: { status: "open", snoozed: false, assignee: "nobody" }, count: "unassigned" },
  open: { filter: { status: "open", snoozed: false }, count: "open" },
  handedOff: { filter: { status: "open", snoozed: false, ai: "handed_off" }, count: "handed_off" },
  mentions: { filter: { mentions_me: true } },
  unread: { filter: { unread: true, snoozed: false }, count: "unread" },
  snoozed: { filter: { status: "open", snoozed: true }, count: "snoozed" },
  closed: { filter: { status: "closed" } },
} satisfies Record<string, View>;

/** The name of a view. */
export type ViewName = keyof typeof VIEWS;

/** The names of the views in their order. */
export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

/** What the view is, with its optional parts. */
export function view(name: ViewName): View {
  return VIEWS[name];
}

/** Whether an assignee, as a filter names them, is this member or nobody. */
function isAssignee(wanted: string, assignee: string | null | undefined, me: string): boolean {
  if (wanted === "nobody") return !assignee;
  return assignee === (wanted === "me" ? me : wanted);
}

/** Whether a conversation belongs to a place; `null` where the conversation alone does not tell. */
export function belongs(one: Conversation, place: Place, me: string): boolean | null {
  const fits =
    (!place.status || one.status === place.status) &&
    (place.snoozed === undefined || place.snoozed === null || Boolean(one.snoozed_until) === place.snoozed) &&
    (!place.ai || one.ai.state === place.ai) &&
    (!place.unread || one.unread > 0) &&
    (!place.assignee || isAssignee(place.assignee, one.assignee_id, me)) &&
    (!place.number_id || one.number_id === place.number_id) &&
    (!place.label || one.labels.includes(place.label)) &&
    (!place.contact_label || one.contact.labels.includes(place.contact_label));
  return fits && (place.mentions_me || place.q) ? null : fits;
}

/** Why the AI is silent where a person has taken over by themselves. */
const BY_A_PERSON: readonly unknown[] = ["agent_replied", "answered_on_phone", "taken_over"];

/** Whether a customer waits for a person and nobody has taken it: the AI gave it up, and no member has answered since. */
export function waitsForPerson({ ai, assignee_id: assignee }: Conversation): boolean {
  return ai.state === "handed_off" && !assignee && !BY_A_PERSON.includes(ai.reason);
}
