/** A message in one line: its text without marks, or what it is. */
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

type Kind = Schemas["Kind"];

/** Kinds whose name says more than a missing text. */
const NAMED: ReadonlySet<Kind> = new Set(["image", "video", "audio", "document", "sticker", "location", "contacts"]);

/** A line without WhatsApp's marks. */
export function plain(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}])([*_~`])(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/gu, "$2");
}

/** Says a message in one line. */
export function useBrief(): (kind: Kind, text: string) => string {
  const { t } = useTranslation("inbox");
  return (kind, text) => {
    // The server writes `[kind]` where a message has no text.
    const words = text === `[${kind}]` ? "" : plain(text.split("\n")[0] ?? "");
    if (kind === "reaction") return words ? t("reaction.brief", { emoji: words }) : t("reaction.taken");
    if (NAMED.has(kind)) return words ? `${t(`kind.${kind}`)}: ${words}` : t(`kind.${kind}`);
    return words || t(`kind.${kind}`);
  };
}
