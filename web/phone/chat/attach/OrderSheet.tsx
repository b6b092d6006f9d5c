/** Sends an order, as from a catalogue's cart. */
import type { SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Sheet } from "../../ui/Sheet";
import { useRoom } from "../ChatRoom";
import classes from "./Attach.module.css";

interface OrderSheetProps {
  onClose: () => void;
  /** The product asked for, and the catalogue it is in. */
  product?: string;
  catalog?: string;
  replyTo?: string;
}

export function OrderSheet({ onClose, product = "GAYO-250", catalog = "1", replyTo }: OrderSheetProps) {
  const { t } = useTranslation("phone");
  const { send } = useRoom();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => (given.get(name) as string).trim();
    const item = {
      product_retailer_id: text("product"),
      quantity: Number(text("quantity")),
      item_price: Number(text("price")),
      currency: text("currency").toUpperCase(),
    };
    onClose();
    void send({ type: "order", content: { catalog_id: catalog, text: text("note"), product_items: [item] }, replyTo });
  };
  return (
    <Sheet title={t("order.title")} onClose={onClose}>
      <form onSubmit={submit} className={classes.form}>
        <TextField name="product" label={t("order.product")} required defaultValue={product} dir="ltr" />
        <div className={classes.two}>
          <TextField name="quantity" label={t("order.quantity")} type="number" min={1} required defaultValue={1} />
          <TextField name="price" label={t("order.price")} type="number" min={0} step="any" required defaultValue={85000} />
        </div>
        <TextField name="currency" label={t("order.currency")} required pattern="[A-Za-z]{3}" defaultValue="IDR" dir="ltr" />
        <TextField name="note" label={t("order.note")} />
        <Button type="submit" kind="filled">
          {t("composer.send")}
        </Button>
      </form>
    </Sheet>
  );
}
