/** How a person ends what stops a step: Meta's window again, a choice, a PIN, a yes, or once more. */
import { Button, Group, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { oldConnection } from "../doors";
import { CURRENCIES } from "../modes";
import { choose, connectionQuery, retryStep, useConnectionDeed, type Connection, type StepName } from "../queries";
import { SignupPanel } from "../signup/SignupPanel";
import { remedyOf, type Shown } from "../steps";
import { ChooseAccount } from "./ChooseAccount";
import { PinOfConnection } from "./PinForm";

/** For those who may change connections. */
export function Remedies({ step, connection }: { step: Shown; connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const may = useMay();
  const retry = useConnectionDeed(connection.id, retryStep);
  const once = (what: StepName) => retry.mutate(what, { onSuccess: () => tellDone(t("trouble.trying")) });
  const remedy = remedyOf(step, connection.entry);
  if (remedy === "none" || !may("connections.write") || connection.state === "abandoned") return null;
  if (remedy === "dialog" && step.step === "exchange_code") return <Reopen connection={connection} />;
  if (remedy === "choose") return <ChooseAccount connection={connection} />;
  if (remedy === "currency") return <ChooseCurrency connection={connection} />;
  const quiet = remedy === "pin" || remedy === "dialog" || step.status === "waiting";
  const again = (
    <Group>
      <Button size="sm" variant={quiet ? "default" : "filled"} loading={retry.isPending} onClick={() => once(step.step)}>
        {remedy === "confirm" ? t("trouble.confirm") : step.status === "waiting" ? t("trouble.lookNow") : t("trouble.retry")}
      </Button>
    </Group>
  );
  return (
    <>
      {remedy === "pin" && connection.account_id && (
        <PinOfConnection account={connection.account_id} onGiven={() => once(step.step)} />
      )}
      {remedy === "dialog" && <Reopen connection={connection} />}
      {again}
      <ProblemAlert error={retry.error} />
    </>
  );
}

/** Meta's window once more, for this very connection. */
export function Reopen({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const queries = useQueryClient();
  const door = useMemo(() => oldConnection(org, connection.id), [org, connection.id]);
  return (
    <SignupPanel
      door={door}
      label={t("signup.openWindow")}
      onTaken={() => void queries.invalidateQueries(connectionQuery(org, connection.id))}
    />
  );
}

function ChooseCurrency({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const [currency, setCurrency] = useState<string | null>(null);
  const choice = useConnectionDeed(connection.id, choose);
  return (
    <>
      <Group align="flex-end">
        <Select
          label={t("choices.currency")}
          description={t("choices.currencyHint")}
          data={[...CURRENCIES]}
          value={currency}
          onChange={setCurrency}
        />
        <Button loading={choice.isPending} disabled={!currency} onClick={() => choice.mutate({ currency })}>
          {t("trouble.goOn")}
        </Button>
      </Group>
      <ProblemAlert error={choice.error} />
    </>
  );
}
