import { expect, test } from "vitest";
import { begin, headersOf, wayOf } from "./fields";
import type { Setup } from "./queries";

test("what was stored comes back as it was", () => {
  const way = {
    provider: "http" as const,
    method: "post" as const,
    url: "https://sms.example/send",
    headers: [{ name: "Authorization", value: "Bearer {{ secret }}: x" }],
    body_kind: "json" as const,
    body: '{"to": {{ to }}}',
    from: "Kopi",
    success_at: "/ok",
    success_is: undefined,
    reference_at: undefined,
    reason_at: undefined,
    status_at: undefined,
    delivered_is: ["DELIVRD", "2"],
    failed_is: [],
    inbound_from_at: "/sms/sender",
    inbound_text_at: undefined,
  };
  const setup = { channel: "sms", way, has_secret: true, updated_at: 1 } as unknown as Setup;
  expect(wayOf(begin("sms", setup))).toEqual(way);
});

test("each channel begins with its usual provider", () => {
  expect(begin("email")).toMatchObject({ provider: "smtp", port: 587, encryption: "starttls" });
  expect(begin("sms").provider).toBe("twilio");
});

test("headers stand one on a line", () => {
  expect(headersOf("X-Key: a:b\n\n  Accept: */*  ")).toEqual([
    { name: "X-Key", value: "a:b" },
    { name: "Accept", value: "*/*" },
  ]);
});
