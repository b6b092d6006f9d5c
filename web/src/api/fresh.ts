/** Reading anew what events say has changed. */
import { useThrottledCallback } from "@mantine/hooks";
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useFresh, type LiveKind } from "./live";

/** How often something is read anew at most: what runs and sends has many events a second. */
const EVERY_MS = 1500;

/** Reads whatever begins with this key anew when such an event comes: at the first at once, and at those after it together. */
export function useFreshQueries(kinds: readonly LiveKind[], queryKey: QueryKey): void {
  const queries = useQueryClient();
  const anew = useThrottledCallback(() => void queries.invalidateQueries({ queryKey }), EVERY_MS);
  useFresh(kinds, anew);
}
