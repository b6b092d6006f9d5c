/** Messages with buttons, lists, links, forms and products; and the answers to them. */
import { MapPin, ShoppingBag, SquarePen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OrderSheet } from "../chat/attach/OrderSheet";
import { LocationSheet } from "../chat/attach/LocationSheet";
import { useRoom } from "../chat/ChatRoom";
import { at, list, number, object, text } from "../chat/wire";
import type { Wire } from "../api/types";
import { tap } from "../api/write";
import { useHolder } from "../people/Holder";
import { phoneNumber } from "../people/naming";
import { Formatted } from "../ui/Formatted";
import { money, type ContentProps } from "./Content";
import classes from "./Content.module.css";
import { Deed, Deeds, ICONS } from "./Deeds";
import { FlowSheet } from "./FlowSheet";
import { ListSheet } from "./ListSheet";
import { Document, Film, Picture } from "./Media";

export function Interactive({ message, content }: ContentProps) {
  const kind = text(content, "type");
  if (kind.endsWith("_reply")) return <Answer content={content} kind={kind} />;
  const header = object(content, "header");
  const format = text(header, "type");
  const media = header?.[format];
  const footer = text(content, "footer", "text");
  return (
    <>
      {format === "text" && <strong className={classes.header}>{text(header, "text")}</strong>}
      {format === "image" && <Picture message={message} media={media} />}
      {format === "video" && <Film message={message} media={media} />}
      {format === "document" && <Document message={message} media={media} />}
      <Formatted text={text(content, "body", "text")} />
      {footer && <p className={classes.footer}>{footer}</p>}
      <Action message={message} content={content} />
    </>
  );
}

/** What was answered with a tap. */
function Answer({ content, kind }: { content: unknown; kind: string }) {
  const { t } = useTranslation("phone");
  const reply = object(content, kind);
  const description = text(reply, "description");
  if (kind === "nfm_reply") return <p className={classes.faint}>{text(reply, "body") || t("flow.sent")}</p>;
  return (
    <>
      <Formatted text={text(reply, "title")} />
      {description && <p className={classes.faint}>{description}</p>}
    </>
  );
}

type Open = "list" | "flow" | "location" | { product: string; catalog: string } | null;

/** What can be tapped. */
function Action({ message, content }: ContentProps) {
  const { t } = useTranslation("phone");
  const { act, send } = useRoom();
  const person = useHolder();
  const [open, setOpen] = useState<Open>(null);
  const action = object(content, "action");
  const parameters = object(action, "parameters");
  const close = () => setOpen(null);
  const choose = (choice: string) => void act(() => tap(message.id, choice));
  const order = (product: string) => setOpen({ product, catalog: text(action, "catalog_id") });

  switch (text(content, "type")) {
    case "button":
      return (
        <Deeds>
          {list(action, "buttons").map((button, index) => (
            <Deed key={index} icon={ICONS.reply} onClick={() => choose(text(button, "reply", "id"))}>
              {text(button, "reply", "title")}
            </Deed>
          ))}
        </Deeds>
      );
    case "list":
      return (
        <Deeds>
          <Deed icon={ICONS.list} onClick={() => setOpen("list")}>
            {text(action, "button")}
          </Deed>
          {open === "list" && <ListSheet title={text(action, "button")} sections={list(action, "sections")} onClose={close} onChosen={choose} />}
        </Deeds>
      );
    case "cta_url":
      return (
        <Deeds>
          <Deed icon={ICONS.link} href={text(parameters, "url")}>
            {text(parameters, "display_text")}
          </Deed>
        </Deeds>
      );
    case "location_request_message":
      return (
        <Deeds>
          <Deed icon={MapPin} onClick={() => setOpen("location")}>
            {t("location.send")}
          </Deed>
          {open === "location" && <LocationSheet replyTo={message.id} onClose={close} />}
        </Deeds>
      );
    case "request_contact_info": {
      const card = { name: { formatted_name: person.name }, phones: [{ phone: phoneNumber(person.phone), wa_id: person.phone }] };
      return (
        <Deeds>
          <Deed onClick={() => void send({ type: "contacts", content: [card], replyTo: message.id })}>{t("contact.share")}</Deed>
        </Deeds>
      );
    }
    case "flow":
    case "address_message": {
      const name = text(content, "type") === "flow" ? "flow" : "address_message";
      const token = text(parameters, "flow_token");
      return (
        <Deeds>
          <Deed icon={SquarePen} onClick={() => setOpen("flow")}>
            {text(parameters, "flow_cta") || t("flow.open")}
          </Deed>
          {open === "flow" && <FlowSheet name={name} token={token} replyTo={message.id} onClose={close} />}
        </Deeds>
      );
    }
    case "product":
    case "product_list":
    case "catalog_message": {
      const products = list(action, "sections").flatMap((section) => list(section, "product_items"));
      const items = products.length > 0 ? products : [action ?? {}];
      return (
        <>
          <Products items={items} onOrder={order} />
          {open && typeof open === "object" && (
            <OrderSheet product={open.product || "1"} catalog={open.catalog || "1"} replyTo={message.id} onClose={close} />
          )}
        </>
      );
    }
    case "carousel":
      return <Cards message={message} cards={list(action, "cards")} onChosen={choose} onOrder={order} />;
    case "order_details":
    case "order_status":
      return <Bill parameters={parameters} />;
    default:
      return null;
  }
}

function Products({ items, onOrder }: { items: readonly Wire[]; onOrder: (product: string) => void }) {
  const { t } = useTranslation("phone");
  return (
    <Deeds>
      {items.map((item, index) => {
        const product = text(item, "product_retailer_id") || text(item, "parameters", "thumbnail_product_retailer_id");
        return (
          <Deed key={index} icon={ShoppingBag} onClick={() => onOrder(product)}>
            {product ? t("order.buy", { product }) : t("order.catalogue")}
          </Deed>
        );
      })}
    </Deeds>
  );
}

function Cards({
  message,
  cards,
  onChosen,
  onOrder,
}: Pick<ContentProps, "message"> & { cards: readonly Wire[]; onChosen: (choice: string) => void; onOrder: (product: string) => void }) {
  return (
    <ul className={classes.cards} tabIndex={0}>
      {cards.map((card, index) => {
        const format = text(card, "header", "type");
        const parameters = object(card, "action", "parameters");
        const product = text(card, "action", "product_retailer_id");
        return (
          <li key={index} className={classes.cardOf}>
            {format === "image" && <Picture message={message} media={at(card, "header", "image")} />}
            {format === "video" && <Film message={message} media={at(card, "header", "video")} />}
            <Formatted text={text(card, "body", "text") || product} />
            <Deeds>
              {product && (
                <Deed icon={ShoppingBag} onClick={() => onOrder(product)}>
                  {product}
                </Deed>
              )}
              {text(parameters, "url") && (
                <Deed icon={ICONS.link} href={text(parameters, "url")}>
                  {text(parameters, "display_text")}
                </Deed>
              )}
              {list(card, "action", "buttons").map((button, place) => (
                <Deed key={place} icon={ICONS.reply} onClick={() => onChosen(text(button, "quick_reply", "id"))}>
                  {text(button, "quick_reply", "title")}
                </Deed>
              ))}
            </Deeds>
          </li>
        );
      })}
    </ul>
  );
}

/** An order's amounts, or how far it is. */
function Bill({ parameters }: { parameters: Wire | undefined }) {
  const { t, i18n } = useTranslation("phone");
  const currency = text(parameters, "currency");
  const amount = (value: unknown) => {
    const found = number(value, "value");
    return found === undefined ? "" : money(found / (number(value, "offset") ?? 100), currency, i18n.language);
  };
  const status = text(parameters, "order", "status");
  return (
    <div className={classes.card}>
      <strong>{text(parameters, "reference_id")}</strong>
      <ul>
        {list(parameters, "order", "items").map((item, index) => (
          <li key={index}>
            {number(item, "quantity")} × {text(item, "name")} {amount(at(item, "amount"))}
          </li>
        ))}
      </ul>
      {currency && <strong>{t("order.total", { amount: amount(at(parameters, "total_amount")) })}</strong>}
      {status && <strong>{t("order.status", { status })}</strong>}
    </div>
  );
}
