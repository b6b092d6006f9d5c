/** What can be set of a person's phone; each change holds at once. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Person, Receipts } from "../api/types";
import { change, type PersonChange } from "../api/write";
import { SelectField, Switch, TextField } from "../ui/Field";
import { Failure } from "../ui/Notice";
import classes from "./NewPerson.module.css";

const RECEIPTS: readonly Receipts[] = ["delivered", "no_read", "automatic", "manual"];

export function PersonSettings({ person }: { person: Person }) {
  const { t } = useTranslation("phone");
  const changing = useMutation({ mutationFn: (to: PersonChange) => change(person.id, to) });
  return (
    <div className={classes.form}>
      <Switch
        label={t("me.online")}
        hint={t("me.onlineHint")}
        on={person.online}
        onChange={(online) => changing.mutate({ online })}
      />
      <SelectField
        label={t("me.receipts")}
        hint={t(`me.receiptsHint.${person.receipts}`)}
        value={person.receipts}
        onChange={(event) => changing.mutate({ receipts: event.target.value as Receipts })}
      >
        {RECEIPTS.map((receipts) => (
          <option key={receipts} value={receipts}>
            {t(`me.receiptsKind.${receipts}`)}
          </option>
        ))}
      </SelectField>
      <Switch
        label={t("me.onWhatsapp")}
        hint={t("me.onWhatsappHint")}
        on={person.on_whatsapp}
        onChange={(on_whatsapp) => changing.mutate({ on_whatsapp })}
      />
      <TextField
        key={`name ${person.name}`}
        label={t("new.name")}
        defaultValue={person.name}
        maxLength={60}
        onBlur={(event) => {
          if (event.target.value.trim() !== person.name) changing.mutate({ name: event.target.value });
        }}
      />
      <TextField
        key={`username ${person.username ?? ""}`}
        label={t("new.handle")}
        hint={t("me.handleHint")}
        defaultValue={person.username ?? ""}
        autoCapitalize="none"
        dir="ltr"
        onBlur={(event) => {
          if (event.target.value.trim() !== (person.username ?? "")) changing.mutate({ username: event.target.value.trim() });
        }}
      />
      {person.username && (
        <Switch
          label={t("me.sharesPhone")}
          on={person.shares_phone}
          onChange={(shares_phone) => changing.mutate({ shares_phone })}
        />
      )}
      <Failure error={changing.error} />
    </div>
  );
}
