import { describe, expect, it } from "vitest";
import { components, filled, gaps, refusal, valuesOf, type Template } from "./templates";

function template(parts: unknown[], format = "POSITIONAL"): Template {
  return { name: "t", language: "id", category: "UTILITY", parameter_format: format, components: parts } as unknown as Template;
}

const order = template([
  { type: "HEADER", format: "TEXT", text: "Pesanan {{1}}", example: { header_text: ["#8612"] } },
  { type: "BODY", text: "Halo {{1}}, pesanan {{2}} dikirim. Terima kasih, {{1}}!", example: { body_text: [["Sari", "#8612"]] } },
  { type: "FOOTER", text: "Kopi Nusantara" },
  {
    type: "BUTTONS",
    buttons: [
      { type: "QUICK_REPLY", text: "Baik" },
      { type: "URL", text: "Lacak", url: "https://kopi.example/o/{{1}}", example: ["https://kopi.example/o/8612"] },
    ],
  },
]);

const values = { "header.1": "#1", "body.1": "Budi", "body.2": "#1", "button.1": "1" };

describe("a template", () => {
  it("says what it asks for, each gap once, with examples", () => {
    expect(gaps(order).map(({ id, example }) => [id, example])).toEqual([
      ["header.1", "#8612"],
      ["body.1", "Sari"],
      ["body.2", "#8612"],
      ["button.1", "8612"],
    ]);
  });

  it("is sent in Meta's form", () => {
    expect(components(order, values)).toEqual([
      { type: "header", parameters: [{ type: "text", text: "#1" }] },
      { type: "body", parameters: [{ type: "text", text: "Budi" }, { type: "text", text: "#1" }] },
      { type: "button", sub_type: "url", index: "1", parameters: [{ type: "text", text: "1" }] },
    ]);
  });

  it("shows what was filled in and keeps open gaps visible", () => {
    const shown = filled(order, { "body.1": "Budi" });
    expect(shown.body).toBe("Halo Budi, pesanan {{2}} dikirim. Terima kasih, Budi!");
    expect(shown.header).toEqual({ text: "Pesanan {{1}}" });
    expect(shown.footer).toBe("Kopi Nusantara");
    expect(filled(order, values).taps.map((tap) => tap.href ?? tap.kind)).toEqual(["reply", "https://kopi.example/o/1"]);
  });

  it("is read back from what was sent", () => {
    expect(valuesOf(order, components(order, values))).toEqual(values);
  });

  it("names its gaps where they have names", () => {
    const named = template([{ type: "BODY", text: "Halo {{first_name}}", example: { body_text_named_params: [{ param_name: "first_name", example: "Sari" }] } }], "NAMED");
    expect(gaps(named)[0]).toMatchObject({ name: "first_name", example: "Sari" });
    const sent = components(named, { "body.first_name": "Budi" });
    expect(sent).toEqual([{ type: "body", parameters: [{ type: "text", text: "Budi", parameter_name: "first_name" }] }]);
    expect(filled(named, valuesOf(named, sent)).body).toBe("Halo Budi");
  });

  it("takes a file for its header", () => {
    const withPicture = template([{ type: "HEADER", format: "IMAGE" }, { type: "BODY", text: "Promo" }]);
    expect(components(withPicture, { header: "https://kopi.example/a.png" })).toEqual([
      { type: "header", parameters: [{ type: "image", image: { link: "https://kopi.example/a.png" } }] },
    ]);
    expect(components(template([{ type: "BODY", text: "Promo" }]), {})).toEqual([]);
  });
});

describe("a template that may not be sent", () => {
  const sentence = { en: "No consent.", id: "Belum setuju." };
  const send = { verdict: "send" };
  const maySend = {
    free_form: send,
    utility_template: send,
    authentication_template: send,
    marketing_template: { verdict: "refuse", reason: "no_consent", explanation: sentence },
  };
  const of = (more: Partial<Template>) => ({ ...order, status: "APPROVED", ...more });

  it("says why before it is filled in", () => {
    expect(refusal(of({ status: "PENDING" }), maySend)).toBe("waiting");
    expect(refusal(of({ status: "REJECTED" }), maySend)).toBe("rejected");
    expect(refusal(of({ status: "DISABLED" }), maySend)).toBe("stopped");
    expect(refusal(of({ category: "MARKETING" }), maySend)).toEqual(sentence);
  });

  it("is none where nothing stands against it", () => {
    expect(refusal(of({}), maySend)).toBeNull();
  });
});
