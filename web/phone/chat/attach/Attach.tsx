/** What can be sent besides words. */
import { Contact, FileText, Image, MapPin, Package, Sparkles, Sticker, type LucideIcon } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useHolder } from "../../people/Holder";
import { phoneNumber } from "../../people/naming";
import { Sheet } from "../../ui/Sheet";
import { useRoom } from "../ChatRoom";
import classes from "./Attach.module.css";
import { LocationSheet } from "./LocationSheet";
import { OrderSheet } from "./OrderSheet";
import { pdf, photo, sticker } from "./samples";

interface AttachProps {
  onClose: () => void;
  onFiles: (files: Iterable<File>) => Promise<void>;
}

export function Attach({ onClose, onFiles }: AttachProps) {
  const { t } = useTranslation("phone");
  const { send, act } = useRoom();
  const person = useHolder();
  const [inside, setInside] = useState<"location" | "order" | null>(null);
  const pictures = useRef<HTMLInputElement>(null);
  const documents = useRef<HTMLInputElement>(null);
  const done = (what: Promise<unknown>) => {
    onClose();
    void what;
  };
  const chosen = (files: FileList | null) => files && done(onFiles([...files]));
  const contact = { contacts: [{ name: { formatted_name: person.name, first_name: person.name }, phones: [{ phone: phoneNumber(person.phone), type: "CELL", wa_id: person.phone }] }] };

  if (inside === "location") return <LocationSheet onClose={onClose} />;
  if (inside === "order") return <OrderSheet onClose={onClose} />;
  return (
    <Sheet title={t("attach.title")} onClose={onClose}>
      <input ref={pictures} type="file" accept="image/jpeg,image/png,video/mp4,video/3gpp" multiple hidden aria-label={t("attach.pictures")} onChange={(event) => chosen(event.target.files)} />
      <input ref={documents} type="file" multiple hidden aria-label={t("attach.document")} onChange={(event) => chosen(event.target.files)} />
      <ul className={classes.grid}>
        <Tile icon={Image} colour={0} label={t("attach.pictures")} onClick={() => pictures.current?.click()} />
        <Tile icon={FileText} colour={1} label={t("attach.document")} onClick={() => documents.current?.click()} />
        <Tile icon={MapPin} colour={2} label={t("kind.location")} onClick={() => setInside("location")} />
        <Tile icon={Contact} colour={3} label={t("kind.contacts")} onClick={() => done(send({ type: "contacts", content: contact.contacts }))} />
        <Tile icon={Package} colour={4} label={t("kind.order")} onClick={() => setInside("order")} />
      </ul>
      <h3 className={classes.heading}>{t("attach.samples")}</h3>
      <ul className={classes.grid}>
        <Tile
          icon={Sparkles}
          colour={0}
          label={t("kind.image")}
          onClick={() => done(act(async () => send({ type: "image", content: {}, media: await photo() })))}
        />
        <Tile
          icon={Sticker}
          colour={4}
          label={t("kind.sticker")}
          onClick={() => done(act(async () => send({ type: "sticker", content: {}, media: await sticker() })))}
        />
        <Tile icon={FileText} colour={1} label="PDF" onClick={() => done(onFiles([pdf(t("attach.pdf", { name: person.name }))]))} />
      </ul>
    </Sheet>
  );
}

function Tile({ icon: Icon, label, colour, onClick }: { icon: LucideIcon; label: string; colour: number; onClick: () => void }) {
  return (
    <li>
      <button type="button" className={classes.tile} onClick={onClick}>
        <span className={classes.disc} data-colour={colour}>
          <Icon size={22} aria-hidden />
        </span>
        {label}
      </button>
    </li>
  );
}
