/** Updates from Meta that could not be applied: why, what they were, and the way to try again. */
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { JsonDetails } from "@/ui/Details";
import { ProblemAlert } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";

type Kept = Schemas["KeptUpdate"];

interface KeptRowsProps {
  updates: readonly Kept[];
  /** Has one applied again; absent where the person may not. */
  retry?: (id: number) => Promise<unknown>;
  /** The name of the organisation that an update belongs to. */
  owner?: (update: Kept) => string;
}

export function KeptRows({ updates, retry, owner }: KeptRowsProps) {
  const { t } = useTranslation("settings");
  return (
    <Rows label={t("kept.title")}>
      {updates.map((update) => (
        <KeptRow key={update.id} update={update} retry={retry} owner={owner} />
      ))}
    </Rows>
  );
}

function KeptRow({ update, retry, owner }: { update: Kept } & Omit<KeptRowsProps, "updates">) {
  const { t } = useTranslation("settings");
  const again = useMutation({ mutationFn: () => (retry ? retry(update.id) : Promise.resolve()) });
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
            disabled={again.isSuccess}
            onClick={() => again.mutate()}
          >
            {t(again.isSuccess ? "kept.underWay" : "kept.retry")}
          </Button>
        )
      }
    >
      <ProblemAlert error={again.error} mb="xs" />
      {update.raw && <JsonDetails summary={t("kept.raw")} value={update.raw} />}
    </Row>
  );
}

/** Has everything that is shown applied again, one after the other. */
export function RetryAll({ updates, retry, onDone }: { updates: readonly Kept[]; retry: (id: number) => Promise<unknown>; onDone: () => void }) {
  const { t } = useTranslation("settings");
  const all = useMutation({
    mutationFn: async () => {
      for (const { id } of updates) await retry(id);
    },
    onSettled: onDone,
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
