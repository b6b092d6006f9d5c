import { describe, expect, it } from "vitest";
import { contentOf, editingOf, gapsOf, isNamed, nameOf, newButton, newCard, nextGap, partsOf, type Editing } from "./editing";
import type { Draft } from "./queries";

const draft = (components: unknown[], category = "UTILITY"): Draft => ({
  id: "d",
  account_id: "a",
  template_id: null,
  name: "order_ready",
  language: "id",
  category,
  parameter_format: "POSITIONAL",
  components: components,
  ttl_seconds: null,
  library: null,
  state: "draft",
  problem: null,
  author: "member:1",
  created_at: 0,
  updated_at: 0,
});

describe("gaps", () => {
  it("are found once, and the next is counted on", () => {
    expect(gapsOf("Hi {{1}}, {{ 2 }} and {{1}}")).toEqual(["1", "2"]);
    expect(nextGap("Hi {{1}}")).toBe("{{2}}");
    expect(nextGap("Hi")).toBe("{{1}}");
  });

  it("have names as soon as one is no number", () => {
    const header = { kind: "NONE", text: "", sample: "" } as const;
    expect(isNamed({ body: "Hi {{name}}", header })).toBe(true);
    expect(isNamed({ body: "Hi {{1}}", header })).toBe(false);
  });
});

describe("a template", () => {
  it("comes back from the editor as it went in", () => {
    const parts = [
      { type: "HEADER", format: "IMAGE", example: { header_handle: ["media:1"] } },
      { type: "BODY", text: "Halo {{1}}, siap.", example: { body_text: [["Sari"]] } },
      { type: "FOOTER", text: "Toko" },
      { type: "BUTTONS", buttons: [{ type: "URL", text: "Lihat", url: "https://x.co/{{1}}", example: ["https://x.co/1"] }] },
    ];
    expect(contentOf(editingOf(draft(parts))).components).toEqual(parts);
  });

  it("of a code has Meta's words", () => {
    const parts = [
      { type: "BODY", add_security_recommendation: true },
      { type: "FOOTER", code_expiration_minutes: 5 },
      { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] },
    ];
    expect(contentOf(editingOf(draft(parts, "AUTHENTICATION"))).components).toEqual(parts);
  });

  it("says where its parts stand", () => {
    const editing: Editing = { ...editingOf(draft([])), body: "Hi", buttons: [newButton("QUICK_REPLY")], cards: [newCard(), newCard()] };
    expect(partsOf(editing).places).toEqual({ body: 0, buttons: 1, carousel: 2 });
  });
});

describe("a name", () => {
  it("is made of words", () => {
    expect(nameOf("Pesanan siap!")).toBe("pesanan_siap_");
    expect(nameOf("2 Kopi")).toBe("2_kopi");
  });
});
