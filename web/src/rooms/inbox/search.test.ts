import { expect, it } from "vitest";
import { filterCount, isNarrowed, leaves, narrow, placeOf, readSearch, toKeep } from "./search";

const saved = { filter: { status: "open" as const, assignee: "me", label: "refund" } };

it("reads the address and leaves out what it does not know", () => {
  expect(readSearch({ view: "unread", label: 2024, q: 628, number: ["x"], colour: "red" })).toEqual({
    view: "unread",
    label: "2024",
    q: "628",
  });
  expect(readSearch({ view: "vip", saved: "", q: "", label: "" })).toEqual({ label: "" });
});

it("lays filters over a view, but for the assignee of one that is about somebody", () => {
  expect(placeOf({})).toEqual({ status: "open", snoozed: false });
  const mine = { view: "mine", label: "refund", customer: "vip", number: "n1", assignee: "ana" } as const;
  expect(placeOf(mine)).toEqual({
    status: "open",
    snoozed: false,
    assignee: "me",
    label: "refund",
    contact_label: "vip",
    number_id: "n1",
  });
  expect([leaves(mine, undefined, "assignee"), filterCount(mine)]).toEqual([false, 3]);
});

it("shows a saved view as it was saved, with other filters, and without one of its own", () => {
  expect(placeOf({ saved: "v" }, saved)).toEqual(saved.filter);
  expect(placeOf({ saved: "v", label: "", assignee: "nobody" }, saved)).toEqual({ status: "open", assignee: "nobody" });
  expect(filterCount({ saved: "v" }, saved)).toBe(2);
});

it("says in the address only what differs from the view", () => {
  const search = { saved: "v" };
  expect(narrow(search, saved, "label", null)).toEqual({ label: "" });
  expect(narrow(search, saved, "label", "refund")).toEqual({ label: undefined });
  expect(narrow(search, saved, "customer", "vip")).toEqual({ customer: "vip" });
  expect(narrow(search, saved, "customer", null)).toEqual({ customer: undefined });
  expect([isNarrowed(search, saved), isNarrowed({ ...search, label: "" }, saved)]).toEqual([false, true]);
});

it("keeps a search by its words alone, and otherwise what is shown", () => {
  expect(toKeep({ view: "mine", q: "kopi", label: "refund" })).toEqual({ q: "kopi" });
  expect(toKeep({ view: "unread", label: "refund" })).toEqual({ unread: true, snoozed: false, label: "refund" });
});
