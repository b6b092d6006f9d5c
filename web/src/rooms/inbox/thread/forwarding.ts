/** Passing a message on: what was said, in the words of the API. */
import type { Content } from "../composer/outbox";
import { said, type CardShown } from "./content";
import type { Message } from "./stretch";

/** A card as the API takes it. */
export function cardContent({ name, organisation, phones, emails }: CardShown): Record<string, never> {
  const card = {
    name: { formatted_name: name, first_name: name.split(" ")[0] ?? name },
    phones: phones.map((phone) => ({ phone, type: "CELL" })),
    emails: emails.map((email) => ({ email })),
    ...(organisation ? { org: { company: organisation } } : {}),
  };
  return card as unknown as Record<string, never>;
}

/** What is sent to pass a message on; `null` for what cannot be, such as a reaction or a choice. */
export function forwarded(message: Message): Content | null {
  const what = said(message, "");
  switch (what.type) {
    case "text":
      return { type: "text", body: what.text };
    case "location":
      return { type: "location", latitude: what.latitude, longitude: what.longitude, name: what.name, address: what.address };
    case "cards":
      return { type: "contacts", contacts: what.cards.map(cardContent) };
    case "file": {
      const { id, state, name } = what.file;
      if (!id || state !== "stored") return null;
      const file = { media_id: id };
      const caption = what.caption || null;
      switch (what.kind) {
        case "image":
        case "video":
          return { type: what.kind, file, caption };
        case "audio":
          return { type: "audio", file, voice: what.voice };
        case "document":
          return { type: "document", file, caption, filename: name };
        case "sticker":
          return { type: "sticker", file };
      }
    }
  }
  return null;
}

/** Whether a message can be passed on. */
export function isForwardable(message: Message): boolean {
  return forwarded(message) !== null;
}
