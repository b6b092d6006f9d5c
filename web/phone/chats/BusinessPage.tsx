/** A business as its customers see it: name, profile, and what can be done about it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { BadgeCheck, Ban, MessageSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { businessesQuery } from "../api/queries";
import type { Business } from "../api/types";
import { change, preferMarketing } from "../api/write";
import { text } from "../chat/wire";
import { useHolder } from "../people/Holder";
import { go, usePlace } from "../place";
import { Button } from "../ui/Button";
import { Face } from "../ui/Face";
import { Failure } from "../ui/Notice";
import { Bar, Screen } from "../ui/Screen";
import rows from "../ui/Rows.module.css";
import badge from "./Businesses.module.css";
import { named } from "./link";

const FACTS = ["about", "description", "address", "email", "vertical"] as const;

export function BusinessPage({ to }: { to: string }) {
  const { t } = useTranslation("phone");
  const { from } = usePlace();
  const business = named(useQuery(businessesQuery).data ?? [], to);
  return (
    <Screen bar={<Bar title={t("business.title")} onBack={() => go({ from, to })} />}>
      {business && <Profile business={business} />}
    </Screen>
  );
}

function Profile({ business }: { business: Business }) {
  const { t } = useTranslation("phone");
  const { from } = usePlace();
  const websites = Array.isArray(business.profile.websites) ? (business.profile.websites as unknown[]) : [];
  const facts = FACTS.map((fact) => [fact, text(business.profile, fact)] as const).filter(([, value]) => value);
  return (
    <>
      <div className={rows.portrait}>
        <Face name={business.name} picture={business.picture} size={96} />
        <p className={rows.name}>
          {business.name}
          {business.name_approved && (
            <BadgeCheck size={18} className={badge.badge} role="img" aria-label={t("business.approved")} />
          )}
        </p>
        <p className={rows.detail}>
          <bdi>{business.display}</bdi>
        </p>
      </div>
      <dl className={rows.facts}>
        {facts.map(([fact, value]) => (
          <div key={fact}>
            <dt>{t(`business.${fact}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {websites.map((site) => (
          <div key={String(site)}>
            <dt>{t("business.website")}</dt>
            <dd>
              <a href={String(site)} target="_blank" rel="noopener noreferrer nofollow">
                {String(site)}
              </a>
            </dd>
          </div>
        ))}
      </dl>
      {facts.length === 0 && websites.length === 0 && <p className={rows.about}>{t("business.noProfile")}</p>}
      <div className={rows.actions}>
        <Button icon={MessageSquare} kind="filled" onClick={() => go({ from, to: business.id })}>
          {t("business.write")}
        </Button>
        <BlockButton business={business} />
        <MarketingButton business={business} />
      </div>
    </>
  );
}

/** Blocks the business, or lifts that. */
export function BlockButton({ business }: { business: Business }) {
  const { t } = useTranslation("phone");
  const person = useHolder();
  const blocked = person.blocked.includes(business.id);
  const others = person.blocked.filter((number) => number !== business.id);
  const changing = useMutation({
    mutationFn: () => change(person.id, { blocked: blocked ? others : [...others, business.id] }),
  });
  return (
    <>
      <Button icon={Ban} kind={blocked ? "plain" : "danger"} busy={changing.isPending} onClick={() => changing.mutate()}>
        {t(blocked ? "business.unblock" : "business.block")}
      </Button>
      <Failure error={changing.error} />
    </>
  );
}

function MarketingButton({ business }: { business: Business }) {
  const { t } = useTranslation("phone");
  const person = useHolder();
  const place = { person: person.id, number: business.id };
  const choosing = useMutation({ mutationFn: (value: "stop" | "resume") => preferMarketing(place, value) });
  const stopped = person.stopped_marketing.includes(business.portfolio_id);
  return (
    <>
      <Button busy={choosing.isPending} onClick={() => choosing.mutate(stopped ? "resume" : "stop")}>
        {t(stopped ? "business.resumeMarketing" : "business.stopMarketing")}
      </Button>
      <Failure error={choosing.error} />
    </>
  );
}
