/** The messages of a conversation as they are read: older and newer ones, and around one that is looked for. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useOrg } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { changeThread, readPart, threadKey, threadQuery } from "../queries";
import { withNewer, withOlder, type Stretch } from "./stretch";

/** Reads a conversation. `around`: the part around this message is to be here first. */
export function useStretch(conversation: string, around: string | null) {
  const org = useOrg();
  const queries = useQueryClient();
  const isBusy = useRef(false);
  const query = useQuery(threadQuery(org, conversation));
  const { data } = query;
  const isHere = !around || Boolean(data?.items.some((message) => message.id === around));

  /** One after the other: two parts read at once would tear a gap. */
  const read = useCallback(async (work: () => Promise<void>) => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      await work();
    } catch (error) {
      tellProblem(error);
    } finally {
      isBusy.current = false;
    }
  }, []);

  const current = useCallback(
    () => queries.getQueryData<Stretch>(threadKey(org, conversation)),
    [queries, org, conversation],
  );

  const loadOlder = useCallback(
    () =>
      void read(async () => {
        const cursor = current()?.older;
        if (!cursor) return;
        const part = await readPart(org, conversation, { older_than: cursor });
        changeThread(queries, org, conversation, (had) => withOlder(had, part));
      }),
    [read, current, queries, org, conversation],
  );

  const loadNewer = useCallback(
    () =>
      void read(async () => {
        const cursor = current()?.newer;
        if (!cursor || !current()?.hasNewer) return;
        const part = await readPart(org, conversation, { newer_than: cursor });
        changeThread(queries, org, conversation, (had) => withNewer(had, part));
      }),
    [read, current, queries, org, conversation],
  );

  /** Puts another part in the place of the one that is here. */
  const replace = useCallback(
    async (part: { around: string } | { limit: number }) => {
      const there = await readPart(org, conversation, part);
      queries.setQueryData(threadKey(org, conversation), there);
    },
    [queries, org, conversation],
  );

  useEffect(() => {
    if (data && around && !isHere) replace({ around }).catch(tellProblem);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each message that is looked for
  }, [around, Boolean(data)]);

  return { ...query, isHere, loadOlder, loadNewer, replace };
}
