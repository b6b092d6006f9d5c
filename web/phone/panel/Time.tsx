/** The emulator's clock, and what hangs on it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { businessesQuery, chatsQuery, clockQuery } from "../api/queries";
import type { Person } from "../api/types";
import { moveClock } from "../api/write";
import { named } from "../chats/link";
import { usePlace } from "../place";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Notice";
import { span } from "../ui/times";
import { useNow } from "../ui/useNow";
import classes from "./Tools.module.css";

const HOUR = 3_600_000;
const STEPS = [HOUR, 23 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR];

export function Time({ person }: { person: Person | undefined }) {
  const { t, i18n } = useTranslation("phone");
  const now = useNow(1000);
  const clock = useQuery(clockQuery);
  const moving = useMutation({ mutationFn: moveClock });
  const offset = clock.data?.offset_ms ?? 0;
  return (
    <>
      <section className={classes.group}>
        <h3>{t("time.now")}</h3>
        <p className={classes.now}>{new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "medium" }).format(now)}</p>
        <p className={classes.hint}>
          {Math.abs(offset) < 1000 ? t("time.real") : t(offset > 0 ? "time.ahead" : "time.behind", { span: span(offset, i18n.language) })}
        </p>
        <div className={classes.buttons}>
          {STEPS.map((step) => (
            <Button key={step} busy={moving.isPending} onClick={() => moving.mutate({ advance_ms: step })}>
              +{span(step, i18n.language).replace(/ 0\D.*$/, "")}
            </Button>
          ))}
          <Button busy={moving.isPending} disabled={offset === 0} onClick={() => moving.mutate({ reset: true })}>
            {t("time.reset")}
          </Button>
        </div>
        <Failure error={moving.error} />
        <p className={classes.hint}>{t("time.hint")}</p>
      </section>
      {person && <Window person={person} now={now} />}
    </>
  );
}

/** The customer service window of the open chat. */
function Window({ person, now }: { person: Person; now: number }) {
  const { t, i18n } = useTranslation("phone");
  const { to } = usePlace();
  const business = named(useQuery(businessesQuery).data ?? [], to ?? "");
  const line = useQuery(chatsQuery(person.id)).data?.find((one) => one.number === business?.id);
  if (!business) return null;
  const left = line?.window_from == null ? 0 : line.window_from + 24 * HOUR - now;
  return (
    <section className={classes.group}>
      <h3>{t("time.window", { name: business.name })}</h3>
      <p>{left > 0 ? t("time.open", { span: span(left, i18n.language) }) : t("time.closed")}</p>
      <p className={classes.hint}>{t("time.windowHint")}</p>
    </section>
  );
}
