/** The tools beside the phone: what to try, the person, time, the review of templates, faults, and what went over the wire. */
import { useQuery } from "@tanstack/react-query";
import { Bug, Clock, FlaskConical, LayoutTemplate, ScrollText, UserRound, X, type LucideIcon } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { personQuery } from "../api/queries";
import type { Person } from "../api/types";
import { arrivalQuery } from "../people/arrival";
import { PersonSettings } from "../people/PersonSettings";
import { usePlace } from "../place";
import { IconButton } from "../ui/Button";
import { Faults } from "./Faults";
import { Log } from "./Log";
import { Look } from "./Look";
import { Review } from "./Review";
import { Time } from "./Time";
import classes from "./Tools.module.css";
import { TryThese } from "./TryThese";

const TABS = { try: FlaskConical, person: UserRound, time: Clock, review: LayoutTemplate, faults: Bug, log: ScrollText } satisfies Record<string, LucideIcon>;
type Tab = keyof typeof TABS;
const NAMES = Object.keys(TABS) as Tab[];

export function Tools({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t, i18n } = useTranslation("phone");
  const [tab, setTab] = useState<Tab>("try");
  const tabs = useRef<HTMLDivElement>(null);
  const person = useWhose();
  const onKeyDown = (event: KeyboardEvent) => {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const by = { [forward]: 1, [back]: -1 }[event.key];
    const next = by && NAMES[(NAMES.indexOf(tab) + by + NAMES.length) % NAMES.length];
    if (!next) return;
    setTab(next);
    tabs.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  const inside: Record<Tab, () => ReactNode> = {
    try: () => <TryThese person={person} />,
    person: () => (person ? <PersonSettings key={person.id} person={person} /> : <p>{t("tools.nobody")}</p>),
    time: () => <Time person={person} />,
    review: () => <Review />,
    faults: () => <Faults />,
    log: () => <Log />,
  };
  return (
    <aside className={classes.tools} data-open={open || undefined} aria-label={t("tools.title")} lang={i18n.language}>
      <header className={classes.header}>
        <h2>{t("tools.title")}</h2>
        <Look />
        <IconButton icon={X} label={t("close")} className={classes.close} onClick={onClose} />
      </header>
      <p className={classes.about}>{t("tools.about")}</p>
      <div ref={tabs} role="tablist" aria-label={t("tools.title")} className={classes.tabs} onKeyDown={onKeyDown}>
        {NAMES.map((name) => {
          const Icon = TABS[name];
          return (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={tab === name}
              aria-controls="tools-inside"
              tabIndex={tab === name ? 0 : -1}
              onClick={() => setTab(name)}
            >
              <Icon size={16} aria-hidden />
              {t(`tools.${name}`)}
            </button>
          );
        })}
      </div>
      <div id="tools-inside" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0} className={classes.inside}>
        {inside[tab]()}
      </div>
    </aside>
  );
}

/** Who holds the phone. */
function useWhose(): Person | undefined {
  const { from, view } = usePlace();
  const id = useQuery({ ...arrivalQuery(from ?? ""), enabled: Boolean(from) }).data;
  const person = useQuery({ ...personQuery(id ?? ""), enabled: Boolean(id) }).data;
  return from && view !== "people" ? person : undefined;
}
