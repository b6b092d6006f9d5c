/** What went over the wire: calls of the Graph API and deliveries of webhooks, the latest first, secrets taken out. */
import { useQuery } from "@tanstack/react-query";
import { ArrowDownLeft, ArrowUpRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { callsQuery, deliveriesQuery } from "../api/queries";
import type { Call, Delivery } from "../api/types";
import { Failure } from "../ui/Notice";
import classes from "./Tools.module.css";

/** Lines shown. */
const LINES = 80;

type Entry = { kind: "call"; it: Call } | { kind: "delivery"; it: Delivery };

/** Both logs as one, the latest first. */
export function merged(calls: readonly Call[], deliveries: readonly Delivery[]): Entry[] {
  const all: Entry[] = [
    ...calls.map((it) => ({ kind: "call" as const, it })),
    ...deliveries.map((it) => ({ kind: "delivery" as const, it })),
  ];
  return all.sort((one, other) => other.it.at - one.it.at || other.it.sequence - one.it.sequence).slice(0, LINES);
}

export function Log() {
  const { t } = useTranslation("phone");
  const calls = useQuery(callsQuery);
  const deliveries = useQuery(deliveriesQuery);
  const entries = merged(calls.data ?? [], deliveries.data ?? []);
  return (
    <>
      <p className={classes.hint}>{t("log.hint")}</p>
      <Failure error={calls.error ?? deliveries.error} />
      {entries.length === 0 && <p>{t("log.empty")}</p>}
      <div>
        {entries.map((entry) => (
          <Line key={`${entry.kind} ${entry.it.sequence}`} entry={entry} />
        ))}
      </div>
    </>
  );
}

function Line({ entry }: { entry: Entry }) {
  const { t, i18n } = useTranslation("phone");
  const { kind, it } = entry;
  const call = kind === "call";
  const good = call ? it.status < 400 : it.status === 200;
  const Icon = call ? ArrowUpRight : ArrowDownLeft;
  const what = call ? `${it.method} ${it.path}` : it.fields.join(", ") + (it.attempt > 1 ? ` · ${it.attempt}×` : "");
  const said = call ? { body: it.body, answer: it.answer } : { url: it.url, attempt: it.attempt, error: it.error, body: it.body };
  return (
    <details className={classes.entry}>
      <summary>
        <span className={classes.direction}>
          <Icon size={15} aria-hidden />
          {t(call ? "log.call" : "log.webhook")}
        </span>
        <code dir="ltr">{what}</code>
        <span className={classes.status} data-bad={good ? undefined : true}>
          {it.status ?? t("log.noAnswer")}
        </span>
        <time dateTime={new Date(it.at).toISOString()}>
          {new Intl.DateTimeFormat(i18n.language, { timeStyle: "medium" }).format(it.at)}
        </time>
      </summary>
      <pre className={classes.body} dir="ltr" tabIndex={0}>
        {JSON.stringify(said, null, 2)}
      </pre>
    </details>
  );
}
