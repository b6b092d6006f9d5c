/** The figures behind the lines. */
import { Anchor, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { dayName } from "@/i18n/dayName";
import classes from "./Chart.module.css";
import type { Figures, Rates } from "./queries";
import { RATES, type Names } from "./rates";

const COUNTS = ["intended", "refused", "fallen_back", "handed", "delivered", "read", "failed"] as const;

export function RatesTable({ rates, names }: { rates: Rates; names: Names }) {
  const { t, i18n } = useTranslation("rates");
  // Days on which nothing was intended say nothing; the newest first.
  const rows = rates.by === "day" ? rates.rows.filter(({ figures }) => figures.intended > 0).toReversed() : rates.rows;
  const count = new Intl.NumberFormat(i18n.language);
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 });
  const cells = (figures: Figures) => (
    <>
      {RATES.map(({ name, rate }) => {
        const share = rate(figures);
        return (
          <Table.Td key={name} className={classes.numbers}>
            {typeof share === "number" ? percent.format(share) : "–"}
          </Table.Td>
        );
      })}
      {COUNTS.map((name) => (
        <Table.Td key={name} className={classes.numbers}>
          {count.format(figures[name])}
        </Table.Td>
      ))}
    </>
  );
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table striped stickyHeader aria-label={t("table")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t(`by.${rates.by}`)}</Table.Th>
            {RATES.map(({ name }) => (
              <Table.Th key={name} scope="col" className={classes.numbers}>
                {t(`rate.${name}.name`)}
              </Table.Th>
            ))}
            {COUNTS.map((name) => (
              <Table.Th key={name} scope="col" className={classes.numbers}>
                {t(`count.${name}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, figures }) => (
            <Table.Tr key={key ?? ""}>
              <Table.Th scope="row">
                <Name by={rates.by} name={key ?? null} names={names} />
              </Table.Th>
              {cells(figures)}
            </Table.Tr>
          ))}
          <Table.Tr fw={700}>
            <Table.Th scope="row">{t("total")}</Table.Th>
            {cells(rates.total)}
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Name({ by, name, names }: { by: Rates["by"]; name: string | null; names: Names }) {
  const { t, i18n } = useTranslation("rates");
  const { slug } = useMembership();
  if (name === null) return t("noNotification");
  if (by === "day") return dayName(name, i18n.language);
  if (by === "template") return name;
  const [search, called] =
    by === "number" ? [{ number: name }, names.numbers.get(name)] : [{ notification: name }, names.notifications.get(name)];
  return (
    <Anchor renderRoot={(props) => <Link to="/o/$org/rates" params={{ org: slug }} search={search} {...props} />}>
      {called ?? name.slice(0, 8)}
    </Anchor>
  );
}
