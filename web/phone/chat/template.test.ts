import { describe, expect, it } from "vitest";
import type { Template, Wire } from "../api/types";
import { filled } from "./template";

const template = (...components: Wire[]): Template => ({
  id: "1",
  account_id: "a",
  name: "t",
  language: "en",
  category: "UTILITY",
  status: "APPROVED",
  quality: null,
  components,
});

describe("a template", () => {
  it("is filled by place and by name", () => {
    const body = template({ type: "BODY", text: "Hi {{1}}, {{2}}!" });
    const parameters = [
      { type: "text", text: "Anna" },
      { type: "currency", currency: { fallback_value: "€ 5" } },
    ];
    expect(filled(body, { components: [{ type: "body", parameters }] }).body).toBe("Hi Anna, € 5!");
    const named = template({ type: "BODY", text: "Hi {{ name }}" });
    const given = [{ type: "text", parameter_name: "name", text: "Budi" }];
    expect(filled(named, { components: [{ type: "body", parameters: given }] }).body).toBe("Hi Budi");
  });

  it("keeps a hole that nothing was sent for", () => {
    expect(filled(template({ type: "BODY", text: "Hi {{1}}" }), {}).body).toBe("Hi {{1}}");
  });

  it("has a header with media, a footer and buttons with their payloads", () => {
    const view = filled(
      template(
        { type: "HEADER", format: "IMAGE" },
        { type: "BODY", text: "Yes?" },
        { type: "FOOTER", text: "Kopi" },
        {
          type: "BUTTONS",
          buttons: [
            { type: "QUICK_REPLY", text: "Yes" },
            { type: "URL", text: "Track", url: "https://kopi.example/{{1}}" },
          ],
        },
      ),
      {
        components: [
          { type: "header", parameters: [{ type: "image", image: { id: "7" } }] },
          { type: "button", sub_type: "quick_reply", index: "0", parameters: [{ type: "payload", payload: "YES" }] },
          { type: "button", sub_type: "url", index: 1, parameters: [{ type: "text", text: "a1" }] },
        ],
      },
    );
    expect(view.header).toEqual({ format: "IMAGE", text: "", media: { id: "7" } });
    expect(view.footer).toBe("Kopi");
    expect(view.buttons.map((button) => [button.type, button.choice, button.url])).toEqual([
      ["QUICK_REPLY", "YES", ""],
      ["URL", "Track", "https://kopi.example/a1"],
    ]);
  });

  it("has cards", () => {
    const card = { components: [{ type: "BODY", text: "Card {{1}}" }] };
    const sent = (index: number, word: string) => ({
      card_index: index,
      components: [{ type: "body", parameters: [{ type: "text", text: word }] }],
    });
    const view = filled(template({ type: "BODY", text: "Look" }, { type: "CAROUSEL", cards: [card, card] }), {
      components: [{ type: "carousel", cards: [sent(0, "one"), sent(1, "two")] }],
    });
    expect(view.cards.map((one) => one.body)).toEqual(["Card one", "Card two"]);
  });
});
