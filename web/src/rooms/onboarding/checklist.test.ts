import { expect, it } from "vitest";
import { groupsOf, type Item } from "./checklist";

const item = (code: string, about?: string) => ({ code, about }) as Item;

it("keeps accounts of the same name apart", () => {
  const items = [item("meta_app"), item("website"), item("access", "New"), item("funded", "New"), item("access", "New")];
  const groups = groupsOf(items).map((group) => [group.about, group.items.map(({ code }) => code)]);
  expect(groups).toEqual([
    [null, ["meta_app", "website"]],
    ["New", ["access", "funded"]],
    ["New", ["access"]],
  ]);
});
