import { expect, it } from "vitest";
import { draftOf } from "./files";

const file = (name: string, type: string) => new File(["x"], name, { type });

it("sends each file as what it is", () => {
  expect(draftOf(file("a.jpg", "image/jpeg"), "Nice")).toMatchObject({ type: "image", content: { caption: "Nice" } });
  expect(draftOf(file("a.mp4", "video/mp4"))).toMatchObject({ type: "video", content: {} });
  expect(draftOf(file("a.ogg", "audio/ogg; codecs=opus"), "no")).toMatchObject({ type: "audio", content: { voice: false } });
  expect(draftOf(file("a.pdf", "application/pdf"), "Read")).toMatchObject({
    type: "document",
    content: { filename: "a.pdf", caption: "Read" },
  });
});

it("sends what WhatsApp has no kind for as a document", () => {
  expect(draftOf(file("a.svg", "image/svg+xml"))).toMatchObject({ type: "document", content: { filename: "a.svg" } });
  expect(draftOf(file("LICENCE", "")).media?.type).toBe("application/octet-stream");
});
