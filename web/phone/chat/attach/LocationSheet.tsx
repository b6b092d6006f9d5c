/** Sends a place: some to choose from, or any by its co-ordinates. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { SelectField, TextField } from "../../ui/Field";
import { Sheet } from "../../ui/Sheet";
import { useRoom } from "../ChatRoom";
import classes from "./Attach.module.css";

const PLACES = [
  { name: "Monumen Nasional", address: "Gambir, Jakarta Pusat", latitude: -6.1754, longitude: 106.8272 },
  { name: "Candi Borobudur", address: "Magelang, Jawa Tengah", latitude: -7.6079, longitude: 110.2038 },
  { name: "Tower Bridge", address: "London SE1", latitude: 51.5055, longitude: -0.0754 },
  { name: "Brandenburger Tor", address: "Pariser Platz, Berlin", latitude: 52.5163, longitude: 13.3777 },
] as const;

export function LocationSheet({ onClose, replyTo }: { onClose: () => void; replyTo?: string }) {
  const { t } = useTranslation("phone");
  const { send } = useRoom();
  const [place, setPlace] = useState<(typeof PLACES)[number]>(PLACES[0]);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const number = (name: string) => Number(given.get(name));
    const content = {
      latitude: number("latitude"),
      longitude: number("longitude"),
      name: place.name,
      address: place.address,
    };
    onClose();
    void send({ type: "location", content, replyTo });
  };
  return (
    <Sheet title={t("location.title")} onClose={onClose}>
      <form onSubmit={submit} className={classes.form}>
        <SelectField
          label={t("location.place")}
          value={place.name}
          onChange={(event) => setPlace(PLACES.find((one) => one.name === event.target.value) ?? PLACES[0])}
        >
          {PLACES.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </SelectField>
        <div className={classes.two} key={place.name}>
          <TextField name="latitude" label={t("location.latitude")} type="number" step="any" min={-90} max={90} required defaultValue={place.latitude} dir="ltr" />
          <TextField name="longitude" label={t("location.longitude")} type="number" step="any" min={-180} max={180} required defaultValue={place.longitude} dir="ltr" />
        </div>
        <Button type="submit" kind="filled">
          {t("composer.send")}
        </Button>
      </form>
    </Sheet>
  );
}
