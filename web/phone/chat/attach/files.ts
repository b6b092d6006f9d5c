/** Files as WhatsApp sends them: each kind by its media type, anything else as a document. */
import type { Draft } from "../../api/write";

/** What pictures, films and recordings must be; of any other type they go as documents. */
const KINDS: readonly [type: string, kind: string][] = [
  ["image/jpeg", "image"],
  ["image/png", "image"],
  ["video/mp4", "video"],
  ["video/3gpp", "video"],
  ["audio/aac", "audio"],
  ["audio/mp4", "audio"],
  ["audio/mpeg", "audio"],
  ["audio/amr", "audio"],
  ["audio/ogg", "audio"],
];

/** The message that a file makes. */
export function draftOf(file: File, caption = ""): Draft {
  const base = file.type.split(";")[0]?.trim() ?? "";
  const kind = KINDS.find(([type]) => type === base)?.[1] ?? "document";
  const captioned = caption && kind !== "audio" ? { caption } : {};
  const content = kind === "document" ? { ...captioned, filename: file.name } : captioned;
  const media = file.type ? file : new Blob([file], { type: "application/octet-stream" });
  return { type: kind, content: { ...content, ...(kind === "audio" ? { voice: false } : {}) }, media };
}
