/** Pictures, films and documents. */
import { Download, FileText, ImageOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../api/types";
import { text } from "../chat/wire";
import { Sheet } from "../ui/Sheet";
import classes from "./Content.module.css";
import { source } from "./media";

export interface MediaProps {
  message: Message;
  media: unknown;
}

export function Picture({ message, media, sticker }: MediaProps & { sticker?: boolean }) {
  const { t } = useTranslation("phone");
  const [large, setLarge] = useState(false);
  const [missing, setMissing] = useState(false);
  const from = source(message, media);
  const label = text(media, "caption") || t(sticker ? "kind.sticker" : "kind.image");
  if (missing || !from) return <Missing media={media} />;
  const picture = <img src={from} alt={label} onError={() => setMissing(true)} />;
  if (sticker) return <div className={classes.sticker}>{picture}</div>;
  return (
    <>
      <button type="button" className={classes.picture} aria-label={t("media.enlarge", { name: label })} onClick={() => setLarge(true)}>
        {picture}
      </button>
      {large && (
        <Sheet title={label} full onClose={() => setLarge(false)}>
          <img className={classes.large} src={from} alt={label} />
        </Sheet>
      )}
    </>
  );
}

export function Film({ message, media }: MediaProps) {
  const { t } = useTranslation("phone");
  const [missing, setMissing] = useState(false);
  const from = source(message, media);
  if (missing || !from) return <Missing media={media} />;
  return (
    <video className={classes.film} controls preload="metadata" src={from} aria-label={t("kind.video")} onError={() => setMissing(true)} />
  );
}

export function Document({ message, media }: MediaProps) {
  const { t } = useTranslation("phone");
  const from = source(message, media);
  const name = text(media, "filename") || t("kind.document");
  const kind = name.includes(".") ? name.split(".").at(-1)?.toUpperCase() : text(media, "mime_type");
  return (
    <a className={classes.document} href={from} download={name}>
      <FileText size={28} aria-hidden />
      <span className="visually-hidden">{t("media.download")}</span>
      <span className={classes.words}>
        <span>{name}</span>
        <span className={classes.faint}>{kind}</span>
      </span>
      <Download size={18} aria-hidden />
    </a>
  );
}

/** Media that cannot be shown: the link was not followed, or its time has ended. */
export function Missing({ media }: { media: unknown }) {
  const { t } = useTranslation("phone");
  const link = text(media, "link");
  return (
    <div className={classes.missing}>
      <ImageOff size={26} aria-hidden />
      <span>{t(link ? "media.notFetched" : "media.gone")}</span>
      {link && (
        <a href={link} target="_blank" rel="noopener noreferrer nofollow">
          {link}
        </a>
      )}
    </div>
  );
}
