import { describe, expect, it } from "vitest";
import { usual } from "./words";

describe("a sheet's words", () => {
  const place = { name: "Kopi Senja", url: "https://sapa.example/l/x", words: { id: { heading: "Kabar", text: "Promo" } } };

  it("are those of the form in the language that it speaks", () => {
    expect(usual(place, "id")).toEqual({ heading: "Kabar", text: "Promo" });
  });

  it("are ours where there are none", () => {
    expect(usual(place, "en").heading).toBe("Chat with us on WhatsApp");
  });
});
