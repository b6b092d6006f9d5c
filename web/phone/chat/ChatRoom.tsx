/** What messages within a chat can do: answer, be quoted, open a sheet. */
import { createContext, use } from "react";
import type { Business } from "../api/types";
import type { Draft } from "../api/write";

export interface Room {
  business: Business;
  /** Writes; resolves to whether it was taken. What went wrong is shown by the chat. */
  send: (draft: Draft) => Promise<boolean>;
  /** Does something else, such as a tap; as `send`. */
  act: (what: () => Promise<unknown>) => Promise<boolean>;
}

const RoomContext = createContext<Room | null>(null);

export const ChatRoom = RoomContext;

/** The chat that a message stands in. */
export function useRoom(): Room {
  const room = use(RoomContext);
  if (!room) throw new Error("This message stands in no chat.");
  return room;
}
