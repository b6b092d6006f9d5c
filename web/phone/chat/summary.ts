/** A message in a few words: for the list of chats, quotes, and those who listen. */
import {
  Contact,
  FileText,
  Image,
  MapPin,
  Mic,
  Package,
  Sticker,
  Video,
  type LucideIcon,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { plain } from "@/whatsapp/plain";
import type { Message } from "../api/types";

/** Kinds with a name and an icon of their own. */
export const KINDS: Record<string, LucideIcon> = {
  image: Image,
  video: Video,
  audio: Mic,
  document: FileText,
  sticker: Sticker,
  location: MapPin,
  contacts: Contact,
  order: Package,
};

/** Tells a message in a few words. */
export function useSummary(): (message: Pick<Message, "kind" | "text">) => string {
  const { t } = useTranslation("phone");
  return ({ kind, text }) => {
    const words = plain(text);
    if (kind in KINDS) {
      const name = t(`kind.${kind as "image"}`);
      return words && words !== name ? `${name}: ${words}` : name;
    }
    return words || t("kind.other");
  };
}
