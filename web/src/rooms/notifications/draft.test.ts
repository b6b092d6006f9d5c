import { expect, it } from "vitest";
import type { Template } from "@/rooms/inbox/composer/templates";
import { definitionOf, draftOf, newDraft, previewValues } from "./draft";
import type { Notification } from "./queries";

const template = {
  name: "permit_expiring",
  language: "id",
  components: [{ type: "BODY", text: "Halo {{name}}, {{title}} berlaku sampai {{until}}." }],
} as unknown as Template;

const draft = {
  ...newDraft(),
  name: "Izin hampir habis",
  number: "n",
  template: "permit_expiring",
  language: "id",
  kind: "k",
  field: "expires_on",
  fillings: {
    "body.title": { origin: "field:title", text: "", otherwise: "izin Anda" },
    "body.until": { origin: "field:expires_on", text: "", otherwise: "" },
  },
} as const;

it("becomes a notification and is read back from it", () => {
  const definition = definitionOf(draft, [template]);
  expect(definition.trigger).toEqual({ kind: "date", field: "expires_on", days: -30, at: "09:00" });
  expect(definition.variables).toEqual({
    "body.name": { from: { kind: "contact_name" } },
    "body.title": { from: { kind: "field", field: "title" }, default: "izin Anda" },
    "body.until": { from: { kind: "field", field: "expires_on" } },
  });
  const again = draftOf({ name: draft.name, state: "enabled", definition } as Notification);
  expect(definitionOf(again, [template])).toEqual(definition);
});

it("keeps conditions, clock, channels and the time for which it lasts", () => {
  const fields = [
    { key: "status", label: "Status", kind: "text" },
    { key: "fee", label: "Biaya", kind: "money" },
    { key: "paid", label: "Lunas", kind: "flag" },
  ] as const;
  const whole = {
    ...draft,
    matches: [
      { field: "status", text: " aktif ", not: false },
      { field: "fee", text: "250000", not: true },
      { field: "paid", text: "false", not: false },
    ],
    zone: "Asia/Jayapura",
    ownClock: true,
    from: "2026-12-01T08:00",
    until: "2026-12-31T20:00",
    channels: [{ channel: "email", minutes: 60 }],
  } as const;
  const definition = definitionOf(whole, [template], fields);
  expect(definition.audience).toMatchObject({
    matches: [
      { field: "status", is: "aktif", not: false },
      { field: "fee", is: 250000, not: true },
      { field: "paid", is: false, not: false },
    ],
  });
  expect(definition).toMatchObject({ time_zone: "Asia/Jayapura", clock: "contact", fallback: whole.channels });
  expect(definition.ends_at).toBe(new Date("2026-12-31T20:00").getTime() * 1000);
  const again = draftOf({ name: draft.name, state: "enabled", definition } as Notification);
  expect(definitionOf(again, [template], fields)).toEqual(definition);
  expect(definitionOf({ ...whole, when: "cron" }, [template], fields).clock).toBe("organisation");
});

it("shows what will stand in the gaps", () => {
  const fields = [{ key: "expires_on", label: "Berlaku sampai", kind: "date" }] as const;
  expect(previewValues(draft, template, fields, (origin) => origin)).toEqual({
    "body.name": "‹contact_name›",
    "body.title": "‹title›",
    "body.until": "‹Berlaku sampai›",
  });
});
