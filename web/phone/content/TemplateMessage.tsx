/** A template message: the approved template, filled in. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { templatesQuery } from "../api/queries";
import { tap } from "../api/write";
import { useRoom } from "../chat/ChatRoom";
import { filled, type TemplateButton, type TemplateView } from "../chat/template";
import { text } from "../chat/wire";
import { Formatted } from "../ui/Formatted";
import type { ContentProps } from "./Content";
import classes from "./Content.module.css";
import { Deed, Deeds, ICONS } from "./Deeds";
import { Document, Film, Picture } from "./Media";
import { Location } from "./Places";

export function TemplateMessage({ message, content }: ContentProps) {
  const { business } = useRoom();
  const templates = useQuery(templatesQuery(business.account_id)).data;
  const [name, language] = [text(content, "name"), text(content, "language", "code")];
  const template = templates?.find((one) => one.name === name && one.language === language);
  // A template that was deleted since: its words are left.
  if (!template) return <Formatted text={message.text} />;
  return <View message={message} view={filled(template, content)} />;
}

function View({ message, view }: Pick<ContentProps, "message"> & { view: TemplateView }) {
  return (
    <>
      {view.header && <Header message={message} header={view.header} />}
      <Formatted text={view.body} />
      {view.footer && <p className={classes.footer}>{view.footer}</p>}
      {view.buttons.length > 0 && (
        <Deeds>
          {view.buttons.map((button, index) => (
            <ButtonOf key={index} message={message} button={button} />
          ))}
        </Deeds>
      )}
      {view.cards.length > 0 && (
        <ul className={classes.cards} tabIndex={0}>
          {view.cards.map((card, index) => (
            <li key={index} className={classes.cardOf}>
              <View message={message} view={card} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Header({ message, header }: Pick<ContentProps, "message"> & { header: NonNullable<TemplateView["header"]> }) {
  switch (header.format) {
    case "IMAGE":
      return <Picture message={message} media={header.media} />;
    case "VIDEO":
      return <Film message={message} media={header.media} />;
    case "DOCUMENT":
      return <Document message={message} media={header.media} />;
    case "LOCATION":
      return <Location content={header.media} />;
    default:
      return <strong className={classes.header}>{header.text}</strong>;
  }
}

function ButtonOf({ message, button }: Pick<ContentProps, "message"> & { button: TemplateButton }) {
  const { t } = useTranslation("phone");
  const { act } = useRoom();
  const [copied, setCopied] = useState(false);
  const label = button.text || t("template.button");
  switch (button.type) {
    case "QUICK_REPLY":
      return (
        <Deed icon={ICONS.reply} onClick={() => void act(() => tap(message.id, button.choice))}>
          {label}
        </Deed>
      );
    case "PHONE_NUMBER":
      return (
        <Deed icon={ICONS.call} href={`tel:${button.phone ?? ""}`}>
          {label}
        </Deed>
      );
    case "COPY_CODE":
    case "OTP":
      return (
        <Deed icon={ICONS.copy} onClick={() => void act(() => navigator.clipboard.writeText(button.code ?? "")).then(setCopied)}>
          {copied ? t("template.copied") : button.text || t("template.copy")}
        </Deed>
      );
    case "URL": {
      // One-time passwords of old are links that copy the code.
      const code = /[?&]otp_type=COPY_CODE&code=otp([^&]+)/.exec(button.url ?? "")?.[1];
      return code ? (
        <ButtonOf message={message} button={{ ...button, type: "COPY_CODE", code }} />
      ) : (
        <Deed icon={ICONS.link} href={button.url}>
          {label}
        </Deed>
      );
    }
    default:
      return <Deed>{label}</Deed>;
  }
}
