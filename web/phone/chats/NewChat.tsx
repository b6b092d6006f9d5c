/** A new chat: with a business of the list, by its number, or by what its QR code or link says. */
import { useQuery } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { businessesQuery } from "../api/queries";
import { go, usePlace } from "../place";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Bar, Screen } from "../ui/Screen";
import rows from "../ui/Rows.module.css";
import { Businesses } from "./Businesses";
import classes from "./Chats.module.css";
import { dialled, named } from "./link";

export function NewChat() {
  const { t } = useTranslation("phone");
  const { from } = usePlace();
  const businesses = useQuery(businessesQuery).data ?? [];
  const [missing, setMissing] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { number, text } = dialled(new FormData(event.currentTarget).get("number") as string);
    const business = named(businesses, number);
    if (business) go({ from, to: business.id, text });
    else setMissing(true);
  };
  return (
    <Screen bar={<Bar title={t("chats.new")} onBack={() => go({ from })} />}>
      <form onSubmit={submit} className={[rows.pad, classes.code].join(" ")}>
        <TextField
          name="number"
          label={t("dial.label")}
          hint={missing ? <span role="alert">{t("dial.missing")}</span> : t("dial.hint")}
          placeholder="+62 21 5550 0111"
          required
          dir="ltr"
          onChange={() => setMissing(false)}
        />
        <Button type="submit" kind="filled">
          {t("dial.go")}
        </Button>
      </form>
      <h2 className={rows.heading}>{t("business.all")}</h2>
      <Businesses onChosen={(business) => go({ from, to: business.id })} />
    </Screen>
  );
}
