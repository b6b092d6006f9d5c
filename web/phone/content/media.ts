/** Where the bytes of media are. */
import { part } from "../api/client";
import type { Message } from "../api/types";
import { text } from "../chat/wire";

/** The address of media: by its id, else by the link in the message, which the emulator follows where it may. */
export function source(message: Message, media: unknown): string | undefined {
  const id = text(media, "id");
  if (id) return `/_emulator/media/${part(id)}`;
  const link = text(media, "link");
  return link ? `/_emulator/messages/${part(message.id)}/linked?link=${part(link)}` : undefined;
}
