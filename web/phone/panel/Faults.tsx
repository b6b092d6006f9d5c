/** What goes wrong on purpose: on calls of the Graph API, on webhooks, with tokens. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { patch, part, post, remove } from "../api/client";
import { businessesQuery, failuresQuery, faultsQuery, settingsQuery } from "../api/queries";
import type { Fault, FaultEffect } from "../api/types";
import { named } from "../chats/link";
import { usePlace } from "../place";
import { Button, IconButton } from "../ui/Button";
import { SelectField, Switch } from "../ui/Field";
import { Failure } from "../ui/Notice";
import { effectName } from "./effect";
import classes from "./Tools.module.css";

/** Faults by what people call them. */
const KINDS: Record<"lost" | "cut" | "slow" | "refused" | "fails", FaultEffect> = {
  lost: "drop_response",
  cut: "drop_request",
  slow: { delay_ms: 8000 },
  refused: { failure: "throughput" },
  fails: { failed_status: { code: 131049, title: "This message was not delivered to maintain healthy ecosystem engagement." } },
};
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

export function Faults() {
  return (
    <>
      <Calls />
      <Waiting />
      <Webhooks />
      <Tokens />
    </>
  );
}

function Calls() {
  const { t } = useTranslation("phone");
  const [times, setTimes] = useState(1);
  const failures = useQuery(failuresQuery).data ?? [];
  const adding = useMutation({
    mutationFn: (effect: FaultEffect) => post("/faults", { edge: "messages", method: "POST", times, effect }),
  });
  return (
    <section className={classes.group}>
      <h3>{t("faults.calls")}</h3>
      <p className={classes.hint}>{t("faults.callsHint")}</p>
      <SelectField label={t("faults.times")} value={times} onChange={(event) => setTimes(Number(event.target.value))}>
        {[1, 2, 3, 5, 10].map((number) => (
          <option key={number}>{number}</option>
        ))}
      </SelectField>
      <ul className={classes.faults}>
        {NAMES.map((name) => (
          <li key={name} className={classes.group}>
            <div className={classes.buttons}>
              <Button busy={adding.isPending} onClick={() => adding.mutate(KINDS[name])}>
                {t(`faults.kind.${name}`)}
              </Button>
            </div>
            <p className={classes.hint}>{t(`faults.about.${name}`)}</p>
          </li>
        ))}
      </ul>
      <SelectField
        label={t("faults.named")}
        value=""
        onChange={(event) => {
          if (event.target.value) adding.mutate({ failure: event.target.value });
        }}
      >
        <option value="">{t("faults.choose")}</option>
        {failures.map(({ name, code, about }) => (
          <option key={name} value={name} title={about}>
            {code === null ? name : `${code} · ${name}`}
          </option>
        ))}
      </SelectField>
      <Failure error={adding.error} />
    </section>
  );
}

/** The faults that still strike. */
function Waiting() {
  const { t } = useTranslation("phone");
  const faults = useQuery(faultsQuery);
  const removing = useMutation({ mutationFn: (fault: Fault) => remove(`/faults/${part(fault.id)}`) });
  const waiting = faults.data ?? [];
  return (
    <section className={classes.group} aria-live="polite">
      <h3>{t("faults.waiting")}</h3>
      {waiting.length === 0 && <p className={classes.hint}>{t("faults.none")}</p>}
      <ul className={classes.faults}>
        {waiting.map((fault) => (
          <li key={fault.id} className={classes.fault}>
            <span>
              <code>{fault.edge}</code> · {effectName(fault.effect)} · {t("faults.left", { count: fault.times })}
            </span>
            <IconButton icon={Trash2} label={t("faults.remove")} onClick={() => removing.mutate(fault)} />
          </li>
        ))}
      </ul>
      <Failure error={removing.error} />
    </section>
  );
}

function Webhooks() {
  const { t } = useTranslation("phone");
  const settings = useQuery(settingsQuery).data;
  const changing = useMutation({ mutationFn: (webhooks: object) => patch("/settings", { webhooks }) });
  const hurrying = useMutation({ mutationFn: () => post("/webhooks/hurry") });
  if (!settings) return null;
  const { delay_ms, duplicate, reorder, forge_signature } = settings.webhooks;
  return (
    <section className={classes.group}>
      <h3>{t("faults.webhooks")}</h3>
      <SelectField label={t("faults.delay")} value={delay_ms} onChange={(event) => changing.mutate({ delay_ms: Number(event.target.value) })}>
        {[...new Set([0, 1000, 5000, 30_000, delay_ms])].map((ms) => (
          <option key={ms} value={ms}>
            {ms === 0 ? t("faults.no") : `${ms / 1000} s`}
          </option>
        ))}
      </SelectField>
      <SelectField label={t("faults.duplicate")} value={duplicate} onChange={(event) => changing.mutate({ duplicate: Number(event.target.value) })}>
        {[...new Set([0, 0.2, 1, duplicate])].map((chance) => (
          <option key={chance} value={chance}>
            {chance === 0 ? t("faults.no") : `${Math.round(chance * 100)} %`}
          </option>
        ))}
      </SelectField>
      <Switch label={t("faults.reorder")} hint={t("faults.reorderHint")} on={reorder} onChange={(on) => changing.mutate({ reorder: on })} />
      <Switch label={t("faults.forge")} hint={t("faults.forgeHint")} on={forge_signature} onChange={(on) => changing.mutate({ forge_signature: on })} />
      <div className={classes.buttons}>
        <Button busy={hurrying.isPending} onClick={() => hurrying.mutate()}>
          {t("faults.hurry")}
        </Button>
      </div>
      <p className={classes.hint}>{t("faults.hurryHint")}</p>
      <Failure error={changing.error ?? hurrying.error} />
    </section>
  );
}

function Tokens() {
  const { t } = useTranslation("phone");
  const { to } = usePlace();
  const business = named(useQuery(businessesQuery).data ?? [], to ?? "");
  const ending = useMutation({ mutationFn: (account: string) => post("/tokens/end", { account }) });
  return (
    <section className={classes.group}>
      <h3>{t("faults.token")}</h3>
      <p className={classes.hint}>{t("faults.tokenHint")}</p>
      <div className={classes.buttons}>
        <Button kind="danger" disabled={!business} busy={ending.isPending} onClick={() => business && ending.mutate(business.account_id)}>
          {business ? t("faults.expire", { name: business.name }) : t("faults.expireAny")}
        </Button>
      </div>
      {ending.isSuccess && <p role="status">{t("faults.expired")}</p>}
      <Failure error={ending.error} />
    </section>
  );
}
