/** A new customer: with a phone number, or known to businesses by a username alone. */
import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { create } from "../api/write";
import { Button } from "../ui/Button";
import { SelectField, TextField } from "../ui/Field";
import { Failure } from "../ui/Notice";
import { flag } from "./naming";
import classes from "./NewPerson.module.css";

/** Countries that the emulator knows the calling codes of. */
const COUNTRIES = "ID MY SG IN PH AE SA EG GB DE FR ES IT NL US BR MX AR CO NG KE ZA JP AU PK".split(" ");

export function NewPerson({ onMade }: { onMade: (person: string) => void }) {
  const { t, i18n } = useTranslation("phone");
  const [by, setBy] = useState<"phone" | "username">("phone");
  const making = useMutation({ mutationFn: create, onSuccess: (person) => onMade(person.id) });
  const names = new Intl.DisplayNames([i18n.language], { type: "region" });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => (given.get(name) as string | null)?.trim() ?? "";
    making.mutate({
      name: text("name"),
      receipts: "delivered",
      ...(by === "phone"
        ? { phone: text("phone") }
        : { username: text("username"), country: text("country"), shares_phone: false }),
    });
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <fieldset className={classes.kinds}>
        <legend>{t("new.by")}</legend>
        {(["phone", "username"] as const).map((kind) => (
          <label key={kind}>
            <input type="radio" name="by" checked={by === kind} onChange={() => setBy(kind)} />
            {t(`new.${kind}`)}
          </label>
        ))}
      </fieldset>
      <TextField name="name" label={t("new.name")} required maxLength={60} autoComplete="off" defaultValue="Dewi Lestari" />
      {by === "phone" ? (
        <TextField
          name="phone"
          type="tel"
          label={t("new.number")}
          hint={t("new.numberHint")}
          required
          autoComplete="off"
          dir="ltr"
          defaultValue={`+62 811 ${some(4)} ${some(4)}`}
        />
      ) : (
        <>
          <TextField
            name="username"
            label={t("new.handle")}
            hint={t("new.handleHint")}
            required
            pattern="@?[a-zA-Z0-9._]{3,35}"
            autoComplete="off"
            autoCapitalize="none"
            dir="ltr"
          />
          <SelectField name="country" label={t("new.country")} defaultValue="ID">
            {COUNTRIES.map((country) => (
              <option key={country} value={country}>
                {`${flag(country)} ${names.of(country) ?? country}`}
              </option>
            ))}
          </SelectField>
        </>
      )}
      <Failure error={making.error} />
      <Button type="submit" kind="filled" busy={making.isPending}>
        {t("new.make")}
      </Button>
    </form>
  );
}

/** Random digits, so that every new customer is somebody else. */
function some(digits: number): string {
  return String(Math.floor(Math.random() * 10 ** digits)).padStart(digits, "0");
}
