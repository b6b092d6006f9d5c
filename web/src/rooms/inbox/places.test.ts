import { expect, it } from "vitest";
import { belongs, view, VIEW_NAMES, type Conversation, type Place } from "./places";

const conversation = {
  status: "open",
  snoozed_until: null,
  assignee_id: "ana",
  ai: { state: "on" },
  unread: 2,
  number_id: "n1",
  labels: ["refund"],
  contact: { labels: ["vip"] },
} as unknown as Conversation;

it.each<[Place, boolean]>([
  [{}, true],
  [{ status: "closed" }, false],
  [{ assignee: "me" }, true],
  [{ assignee: "budi" }, false],
  [{ assignee: "nobody" }, false],
  [{ snoozed: false, unread: true, ai: "on" }, true],
  [{ snoozed: true }, false],
  [{ ai: "handed_off" }, false],
  [{ number_id: "n1", label: "refund", contact_label: "vip" }, true],
  [{ label: "vip" }, false],
  [{ contact_label: "refund" }, false],
])("tells whether a conversation belongs to %j", (place, expected) => {
  expect(belongs(conversation, place, "ana")).toBe(expected);
});

it("does not guess whom notes call and what a search finds", () => {
  expect(belongs(conversation, { mentions_me: true }, "ana")).toBeNull();
  expect(belongs(conversation, { q: "kopi" }, "ana")).toBeNull();
  expect(belongs(conversation, { mentions_me: true, status: "closed" }, "ana")).toBe(false);
});

it("puts a conversation of one's own where it is looked for", () => {
  const found = VIEW_NAMES.filter((name) => belongs(conversation, view(name).filter, "ana"));
  expect(found).toEqual(["mine", "open", "unread"]);
});
