/** The saved view that the address names. */
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { savedViewsQuery } from "../queries";

/** A view that was saved. */
export type SavedView = Schemas["InboxView"];

/** The view with this id. `isGone`: it was removed, or is somebody else's. */
export function useSaved(id: string | undefined): { saved: SavedView | undefined; isPending: boolean; isGone: boolean } {
  const { data, isPending } = useQuery(savedViewsQuery(useOrg()));
  const saved = data?.find((one) => one.id === id);
  return { saved, isPending: Boolean(id) && isPending, isGone: Boolean(id) && !isPending && !saved };
}
