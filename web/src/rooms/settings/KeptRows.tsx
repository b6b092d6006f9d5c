/** Updates from Meta that could not be applied: why, what they were, and the way to try again. */
import { Button, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { JsonDetails } from "@/ui/Details";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import type { pagedQuery } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";

type Kept = Schemas["KeptUpdate"];

interface KeptRowsProps {
  updates: readonly Kept[];
  /** Has one applied again; absent where the person may not. */
  retry?: (id: number) => Promise<unknown>;
  /** Reads the list anew, once what was retried has had its time, and tells whether it has left the list. */
  onRetried: (id: number) => Promise<boolean>;
  /** Said where what Meta sent is not shown. */
  withheld?: string;
  /** The name of the organisation that an update belongs to. */
  owner?: (update: Kept) => string;
}

/** Reads a list anew, and tells whether an update has left it; of a list that nobody looks at any more, it tells nothing. */
export function useKeptAnew({ queryKey }: ReturnType<typeof pagedQuery<Kept>>) {
  const queries = useQueryClient();
  return async (id?: number) => {
    await queries.invalidateQueries({ queryKey }, { throwOnError: true });
    const isShown = queries.getQueryCache().find({ queryKey })?.isActive() ?? false;
    const pages = queries.getQueryData(queryKey)?.pages ?? [];
    return isShown && !pages.some(({ items }) => items.some((one) => one.id === id));
  };
}

export function KeptRows({ updates, ...more }: KeptRowsProps) {
  const { t } = useTranslation("settings");
  return (
    <Rows label={t("kept.title")}>
      {updates.map((update) => (
        <KeptRow key={update.id} update={update} {...more} />
      ))}
    </Rows>
  );
}

/** Within this time an update that was retried was applied, or is kept again. */
const SETTLED_MS = 2500;

function KeptRow({ update, retry, onRetried, withheld, owner }: { update: Kept } & Omit<KeptRowsProps, "updates">) {
  const { t } = useTranslation("settings");
  const again = useMutation({
    mutationFn: async () => {
      await retry?.(update.id);
      await new Promise((settled) => setTimeout(settled, SETTLED_MS));
      return onRetried(update.id);
    },
    // What has left the list was applied.
    onSuccess: (hasLeft) => hasLeft && tellDone(t("kept.applied")),
  });
  return (
    <Row
      title={update.reason ?? t("kept.noReason")}
      facts={
        <Facts>
          {[
            <Time key="when" at={update.received_at} />,
            update.kind,
            owner?.(update),
            update.waba_id && t("kept.account", { id: update.waba_id }),
            update.phone_number_id && t("kept.number", { id: update.phone_number_id }),
          ]}
        </Facts>
      }
      actions={
        retry && (
          <Button
            variant="default"
            size="xs"
            leftSection={<RotateCw size={14} aria-hidden />}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {t("kept.retry")}
          </Button>
        )
      }
    >
      <ProblemAlert error={again.error} mb="xs" />
      <Text role="status" size="sm">
        {again.data === false && t("kept.again")}
      </Text>
      {update.raw ? <JsonDetails summary={t("kept.raw")} value={update.raw} /> : withheld && <Text size="sm" c="dimmed">{withheld}</Text>}
    </Row>
  );
}

/** Has everything that is shown applied again, one after the other. */
export function RetryAll({ updates, retry, onDone }: { updates: readonly Kept[]; retry: (id: number) => Promise<unknown>; onDone: () => Promise<unknown> }) {
  const { t } = useTranslation("settings");
  const all = useMutation({
    mutationFn: async () => {
      for (const { id } of updates) await retry(id);
    },
    onSettled: () => onDone(),
  });
  return (
    <>
      <ProblemAlert error={all.error} />
      <Button variant="default" leftSection={<RotateCw size={16} aria-hidden />} loading={all.isPending} onClick={() => all.mutate()}>
        {t("kept.retryAll", { count: updates.length })}
      </Button>
    </>
  );
}
