/** The sheet itself: who, what for, the code, and what to do with it. It is as wide as what it stands in. */
import type { Language } from "@/i18n";
import { QrCode } from "@/ui/QrCode";
import classes from "./Sheet.module.css";
import { SCAN } from "./words";

export type Paper = "a4" | "a6";

interface SheetProps {
  name: string;
  heading: string;
  text: string;
  url: string;
  paper: Paper;
  language: Language;
}

export function Sheet({ name, heading, text, url, paper, language }: SheetProps) {
  return (
    <div className={classes.sheet} data-paper={paper} lang={language}>
      <p className={classes.name}>{name}</p>
      <h2 className={classes.heading}>{heading}</h2>
      <div className={classes.code}>
        <QrCode value={url} label={SCAN[language]} size={400} />
      </div>
      <p className={classes.scan}>{SCAN[language]}</p>
      {text && <p className={classes.text}>{text}</p>}
      <p className={classes.address}>{url.replace(/^https?:\/\//, "")}</p>
    </div>
  );
}
