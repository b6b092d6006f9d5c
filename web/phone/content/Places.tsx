/** Places and contact cards. */
import { MapPin } from "lucide-react";
import { useTranslation } from "react-i18next";
import { list, number, text } from "../chat/wire";
import { Face } from "../ui/Face";
import classes from "./Content.module.css";

export function Location({ content }: { content: unknown }) {
  const { t } = useTranslation("phone");
  const [latitude, longitude] = [number(content, "latitude"), number(content, "longitude")];
  const name = text(content, "name");
  const address = text(content, "address");
  const map = `https://www.openstreetmap.org/?mlat=${latitude ?? 0}&mlon=${longitude ?? 0}#map=16/${latitude ?? 0}/${longitude ?? 0}`;
  return (
    <a className={classes.location} href={map} target="_blank" rel="noopener noreferrer nofollow">
      <span className={classes.map}>
        <MapPin size={34} aria-hidden />
      </span>
      <span className={classes.words}>
        <span>{name || t("kind.location")}</span>
        <span className={classes.faint}>{address || `${latitude ?? "?"}, ${longitude ?? "?"}`}</span>
      </span>
    </a>
  );
}

export function Contacts({ content }: { content: unknown }) {
  const people = list({ content }, "content");
  return (
    <ul className={classes.contacts}>
      {people.map((person, index) => {
        const name = text(person, "name", "formatted_name") || text(person, "name", "first_name");
        return (
          <li key={index} className={classes.document}>
            <Face name={name} size={36} />
            <span className={classes.words}>
              <span>{name}</span>
              {list(person, "phones").map((phone, at) => (
                <bdi key={at} className={classes.faint}>
                  {text(phone, "phone")}
                </bdi>
              ))}
              {list(person, "emails").map((email, at) => (
                <span key={at} className={classes.faint}>
                  {text(email, "email")}
                </span>
              ))}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
