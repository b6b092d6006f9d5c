/** What a message says, by its kind. */
import { useTranslation } from "react-i18next";
import type { Message } from "../api/types";
import { list, number, text } from "../chat/wire";
import { Formatted } from "../ui/Formatted";
import classes from "./Content.module.css";
import { Contacts, Location } from "./Places";
import { Interactive } from "./Interactive";
import { Document, Film, Picture } from "./Media";
import { TemplateMessage } from "./TemplateMessage";
import { Voice } from "./Voice";

export interface ContentProps {
  message: Message;
  /** What it says now, after edits. */
  content: unknown;
}

export function Content({ message, content }: ContentProps) {
  const { t } = useTranslation("phone");
  switch (message.kind) {
    case "text":
      return <Formatted text={text(content, "body")} />;
    case "image":
      return <Captioned content={content} shown={<Picture message={message} media={content} />} />;
    case "sticker":
      return <Picture message={message} media={content} sticker />;
    case "video":
      return <Captioned content={content} shown={<Film message={message} media={content} />} />;
    case "audio":
      return <Voice message={message} media={content} />;
    case "document":
      return <Captioned content={content} shown={<Document message={message} media={content} />} />;
    case "location":
      return <Location content={content} />;
    case "contacts":
      return <Contacts content={content} />;
    case "interactive":
      return <Interactive message={message} content={content} />;
    case "template":
      return <TemplateMessage message={message} content={content} />;
    case "button":
      return <Formatted text={text(content, "text")} />;
    case "order":
      return <Order content={content} />;
    default:
      return <p className={classes.faint}>{message.text || t("kind.unsupported")}</p>;
  }
}

function Captioned({ content, shown }: { content: unknown; shown: React.ReactNode }) {
  const caption = text(content, "caption");
  return (
    <>
      {shown}
      {caption && <Formatted text={caption} />}
    </>
  );
}

function Order({ content }: { content: unknown }) {
  const { t, i18n } = useTranslation("phone");
  const items = list(content, "product_items");
  const currency = text(items[0], "currency");
  const total = items.reduce((sum, item) => sum + (number(item, "quantity") ?? 0) * (number(item, "item_price") ?? 0), 0);
  return (
    <>
      <div className={classes.card}>
        <strong>{t("kind.order")}</strong>
        <ul>
          {items.map((item, index) => (
            <li key={index}>
              {number(item, "quantity")} × {text(item, "product_retailer_id")}
            </li>
          ))}
        </ul>
        <strong>{money(total, currency, i18n.language)}</strong>
      </div>
      <Formatted text={text(content, "text")} />
    </>
  );
}

/** An amount in its currency; a currency that is none stays as it is. */
export function money(amount: number, currency: string, language: string): string {
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency }).format(amount);
  } catch {
    return `${currency} ${amount}`.trim();
  }
}
