/** A basket that a customer ordered, with what it comes to. */
import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Said } from "./content";
import { Formatted } from "./Formatted";
import classes from "./Parts.module.css";

export function OrderPart({ said }: { said: Extract<Said, { type: "order" }> }) {
  const { t, i18n } = useTranslation("inbox");
  const currency = said.items.find((item) => item.currency)?.currency;
  const money = (amount: number) =>
    new Intl.NumberFormat(i18n.language, currency ? { style: "currency", currency, maximumFractionDigits: 2 } : {}).format(amount);
  const total = said.items.reduce((sum, item) => sum + item.quantity * (item.price ?? 0), 0);
  return (
    <div className={classes.box}>
      <Text size="sm" fw={500}>
        {t("order.title")}
      </Text>
      <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={4} fz="sm">
        <Table.Tbody>
          {said.items.map((item, at) => (
            <Table.Tr key={at}>
              <Table.Td>
                {item.quantity} × {item.name}
              </Table.Td>
              <Table.Td ta="end">{item.price === null ? "" : money(item.quantity * item.price)}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr fw={600}>
            <Table.Td>{t("order.total")}</Table.Td>
            <Table.Td ta="end">{money(total)}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      {said.text && <Formatted text={said.text} />}
    </div>
  );
}
