/** The settings of this phone: its owner, its connection, what it tells of reading. */
import { useTranslation } from "react-i18next";
import { go, usePlace } from "../place";
import { Face } from "../ui/Face";
import { Bar, Screen } from "../ui/Screen";
import rows from "../ui/Rows.module.css";
import { useHolder } from "./Holder";
import { shownAs } from "./naming";
import { PersonSettings } from "./PersonSettings";

export function MyPhone() {
  const { t } = useTranslation("phone");
  const person = useHolder();
  const { from } = usePlace();
  return (
    <Screen bar={<Bar title={t("me.title")} onBack={() => go({ from })} />}>
      <div className={rows.portrait}>
        <Face name={person.name} size={84} />
        <p className={rows.name}>{person.name}</p>
        <p className={rows.detail}>{shownAs(person)}</p>
      </div>
      <div className={rows.pad}>
        <PersonSettings person={person} />
      </div>
    </Screen>
  );
}
