/** The list of chats, the latest first; on a new phone, whom one can write to. */
import { useQuery } from "@tanstack/react-query";
import { MessageSquarePlus, Settings, Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import { businessesQuery, chatsQuery } from "../api/queries";
import type { Business, ChatLine } from "../api/types";
import { Ticks } from "../chat/Ticks";
import { useSummary } from "../chat/summary";
import { useHolder } from "../people/Holder";
import { go, usePlace } from "../place";
import { IconButton } from "../ui/Button";
import { Face } from "../ui/Face";
import { Band, Failure } from "../ui/Notice";
import { Bar, Screen } from "../ui/Screen";
import rows from "../ui/Rows.module.css";
import { shortTime } from "../ui/times";
import { useNow } from "../ui/useNow";
import { Businesses } from "./Businesses";
import classes from "./Chats.module.css";

export function Chats({ onTools }: { onTools: () => void }) {
  const { t } = useTranslation("phone");
  const person = useHolder();
  const { from } = usePlace();
  const chats = useQuery(chatsQuery(person.id));
  const businesses = useQuery(businessesQuery).data ?? [];
  const of = (number: string) => businesses.find((one) => one.id === number);
  const lines = chats.data?.filter((line) => line.last) ?? [];
  return (
    <Screen
      bar={
        <Bar
          title={
            <button
              type="button"
              className={classes.me}
              onClick={() => go({ from, view: "people" })}
            >
              <Face name={person.name} size={36} />
              <span className={classes.name}>{person.name}</span>
              <span className="visually-hidden">{t("chats.change")}</span>
            </button>
          }
        >
          <IconButton icon={MessageSquarePlus} label={t("chats.new")} onClick={() => go({ from, view: "new" })} />
          <IconButton icon={Settings} label={t("me.title")} onClick={() => go({ from, view: "me" })} />
          <IconButton icon={Wrench} label={t("tools.open")} onClick={onTools} className={rows.narrow} />
        </Bar>
      }
    >
      {!person.online && <Band>{t("chats.off")}</Band>}
      <Failure error={chats.error} />
      <h2 className="visually-hidden">{t("chats.title")}</h2>
      <ul>
        {lines.map((line) => {
          const business = of(line.number);
          return business && <Line key={line.number} line={line} business={business} />;
        })}
      </ul>
      {chats.isSuccess && lines.length === 0 && (
        <>
          <p className={rows.about}>{t("chats.empty")}</p>
          <Businesses onChosen={(business) => go({ from, to: business.id })} />
        </>
      )}
    </Screen>
  );
}

function Line({ line, business }: { line: ChatLine; business: Business }) {
  const { t, i18n } = useTranslation("phone");
  const { from } = usePlace();
  const now = useNow(5000);
  const summary = useSummary();
  const { last, unread } = line;
  const typing = line.typing_until !== null && line.typing_until > now;
  if (!last) return null;
  return (
    <li>
      <button type="button" className={rows.row} onClick={() => go({ from, to: business.id })}>
        <Face name={business.name} picture={business.picture} />
        <span className={rows.words}>
          <span className={rows.top}>
            <span className={rows.name}>{business.name}</span>
            <span className={rows.time}>{shortTime(last.at, now, i18n.language)}</span>
          </span>
          <span className={rows.detail}>
            {typing ? (
              <span className={rows.typing}>{t("chat.typing")}</span>
            ) : (
              <>
                {last.direction === "inbound" && <Ticks status={last.status} />}
                <span className={rows.cut}>{summary(last)}</span>
              </>
            )}
            {unread > 0 && (
              <span className={rows.badge} aria-label={t("unread", { count: unread })}>
                {unread}
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
}
