/** Whose phone to hold: those there are, and new ones. */
import { useQuery } from "@tanstack/react-query";
import { Plus, Wrench } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { phonesQuery } from "../api/queries";
import { go, usePlace } from "../place";
import { Button, IconButton } from "../ui/Button";
import { Face } from "../ui/Face";
import { Failure } from "../ui/Notice";
import { Bar, Screen } from "../ui/Screen";
import { Sheet } from "../ui/Sheet";
import rows from "../ui/Rows.module.css";
import { TextField } from "../ui/Field";
import { flag, shownAs } from "./naming";
import { NewPerson } from "./NewPerson";

export function People({ onTools }: { onTools: () => void }) {
  const { t } = useTranslation("phone");
  const { from, to, text } = usePlace();
  const [q, setQ] = useState("");
  const phones = useQuery(phonesQuery(useDeferredValue(q)));
  const [adding, setAdding] = useState(false);
  const nobody = phones.data?.length === 0 && q === "";
  // Whoever was on the way to a business goes on to it.
  const hold = (person: string) => go({ from: person, to, text });
  return (
    <Screen
      bar={
        <Bar main title={t("people.title")} onBack={from ? () => go({ from, to, text }) : undefined}>
          <IconButton icon={Plus} label={t("people.add")} onClick={() => setAdding(true)} />
          <IconButton icon={Wrench} label={t("tools.open")} onClick={onTools} className={rows.narrow} />
        </Bar>
      }
    >
      <p className={rows.about}>{t("people.about")}</p>
      <Failure error={phones.error} />
      {nobody ? (
        <div className={rows.pad}>
          <NewPerson onMade={hold} />
        </div>
      ) : (
        <>
          <div className={rows.pad}>
            <TextField type="search" label={t("people.search")} value={q} onChange={(event) => setQ(event.target.value)} />
          </div>
          <ul className={rows.list}>
            {phones.data?.map(({ person, unread }) => (
              <li key={person.id}>
                <button type="button" className={rows.row} aria-current={person.id === from} onClick={() => hold(person.id)}>
                  <Face name={person.name} />
                  <span className={rows.words}>
                    <span className={rows.name}>{person.name}</span>
                    <span className={rows.detail}>
                      {flag(person.country)} {shownAs(person)}
                      {!person.online && ` · ${t("people.off")}`}
                    </span>
                  </span>
                  {unread > 0 && (
                    <span className={rows.badge} aria-label={t("unread", { count: unread })}>
                      {unread}
                    </span>
                  )}
                </button>
              </li>
            ))}
          </ul>
          <div className={rows.pad}>
            <Button icon={Plus} onClick={() => setAdding(true)}>
              {t("people.add")}
            </Button>
          </div>
        </>
      )}
      {adding && (
        <Sheet title={t("people.add")} onClose={() => setAdding(false)}>
          <NewPerson onMade={hold} />
        </Sheet>
      )}
    </Screen>
  );
}
