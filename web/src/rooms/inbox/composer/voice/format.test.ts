import { expect, it } from "vitest";
import { bestForm } from "./format";

const form = (...types: string[]) => bestForm((type) => types.includes(type));

it("prefers what is a voice note as it is, then what becomes one, then a mere sound", () => {
  const [ogg, webm, mp4] = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
  expect(form(mp4, webm, ogg)).toEqual({ type: ogg, isVoice: true });
  expect(form(mp4, webm)).toEqual({ type: webm, isVoice: true });
  expect(form(mp4)).toEqual({ type: mp4, isVoice: false });
  expect(form("audio/webm;codecs=pcm")).toBeNull();
});
