/** What WhatsApp takes as which kind of file, told before anything is uploaded. The server checks again. */
import type { Attached } from "./outbox";

/** A kind of file. */
export type FileKind = Attached["kind"];

const MB = 1024 * 1024;

/** The types and the most bytes of each kind (Meta: media, 2025-12). A document may be of any type. */
const LIMITS: Readonly<Record<Exclude<FileKind, "sticker">, { types: readonly string[] | null; most: number }>> = {
  image: { types: ["image/jpeg", "image/png"], most: 5 * MB },
  video: { types: ["video/mp4", "video/3gpp"], most: 16 * MB },
  audio: { types: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-m4a"], most: 16 * MB },
  document: { types: null, most: 100 * MB },
};

/** How a file would be sent, or why it cannot be. */
export type Fit =
  | { kind: FileKind; problem?: undefined; asFile?: boolean }
  | { kind: null; problem: "empty" | "tooLarge"; most: number };

/** How a file is best sent: as what it is; as a document where it is too large for that or of a type that is not shown. */
export function fit(file: Pick<File, "type" | "size">): Fit {
  if (file.size === 0) return { kind: null, problem: "empty", most: 0 };
  const type = file.type.split(";")[0] ?? "";
  const kind = (["image", "video", "audio"] as const).find((one) => LIMITS[one].types?.includes(type));
  if (kind && file.size <= LIMITS[kind].most) return { kind };
  const { most } = LIMITS.document;
  if (file.size > most) return { kind: null, problem: "tooLarge", most };
  return { kind: "document", asFile: /^(image|video|audio)\//.test(type) };
}

/** The most bytes of a kind. */
export function most(kind: Exclude<FileKind, "sticker">): number {
  return LIMITS[kind].most;
}
