/** `/o/$org/rates`: how many business-initiated messages had consent, used an open window, took another channel, arrived. */
import { Autocomplete, Button, Card, Group, Select, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChartLine, Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { dayName } from "@/i18n/dayName";
import { notificationsQuery } from "@/rooms/notifications/queries";
import { accountsQuery } from "@/rooms/onboarding/queries";
import { NO_FILTER, templatesQuery } from "@/rooms/templates/queries";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Chart } from "./Chart";
import { csvOf, ratesQuery, type Rates, type Wish } from "./queries";
import { BYS, RATES, readWish, type Names, type Rate } from "./rates";
import { RatesTable } from "./RatesTable";

interface ChosenProps {
  label: string;
  /** By id. */
  among: ReadonlyMap<string, string>;
  value: string | undefined;
  onChange: (id: string) => void;
}

export function RatesPage() {
  const { t } = useTranslation("rates");
  const org = useOrg();
  const wish = readWish(useSearch({ strict: false }));
  const { data: rates } = useSuspenseQuery(ratesQuery(org, wish));
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const { data: notifications = [] } = useQuery({ ...notificationsQuery(org), enabled: useMay()("records.read") });
  const names: Names = {
    numbers: new Map(accounts.items.flatMap(({ numbers }) => numbers.map(({ id, display }) => [id, display]))),
    notifications: new Map(notifications.map(({ id, name }) => [id, name])),
  };
  return (
    <Page
      title={t("title")}
      about={t("about")}
      width={1100}
      actions={
        <Button component="a" href={csvOf(org, wish)} download variant="default" leftSection={<Download size={16} aria-hidden />}>
          CSV
        </Button>
      }
    >
      <Stack gap="lg">
        <Filters wish={wish} rates={rates} names={names} />
        {rates.total.intended === 0 ? (
          <EmptyState icon={ChartLine} title={t("empty.title")}>
            {t("empty.detail")}
          </EmptyState>
        ) : (
          <>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              {RATES.map((rate) => (
                <RateCard key={rate.name} rate={rate} rates={rates} />
              ))}
            </SimpleGrid>
            <Text size="sm" c="dimmed">
              {t("consents", { in: rates.opt_ins, out: rates.opt_outs })} {t("days", { timezone: rates.timezone })}
            </Text>
            <RatesTable rates={rates} names={names} />
          </>
        )}
      </Stack>
    </Page>
  );
}

/** One rate: the figure, the line, and how it is come by. */
function RateCard({ rate, rates }: { rate: Rate; rates: Rates }) {
  const { t, i18n } = useTranslation("rates");
  const share = rate.rate(rates.total);
  const write = (count: number) => new Intl.NumberFormat(i18n.language).format(count);
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 });
  const name = t(`rate.${rate.name}.name`);
  return (
    <Card withBorder component="section" aria-label={name}>
      <Stack gap="xs">
        <Group justify="space-between" align="baseline">
          <Title order={2} size="h4">
            {name}
          </Title>
          <Text size="xl" fw={700}>
            {typeof share === "number" ? percent.format(share) : "–"}
          </Text>
        </Group>
        <Text size="sm">{t(`rate.${rate.name}.means`)}</Text>
        {rates.by === "day" && (
          <Chart
            label={t("chart", { name, from: dayName(rates.from, i18n.language), until: dayName(rates.until, i18n.language) })}
            days={rates.rows.map(({ key }) => key ?? "")}
            values={rates.rows.map(({ figures }) => rate.rate(figures))}
          />
        )}
        <Text size="sm" c="dimmed">
          {t(`rate.${rate.name}.formula`)} = {write(rate.part(rates.total))} ÷ {write(rate.whole(rates.total))}
        </Text>
        <Text size="sm" c="dimmed">
          {t(`rate.${rate.name}.leftOut`)}
        </Text>
      </Stack>
    </Card>
  );
}

function Filters({ wish, rates, names }: { wish: Wish; rates: Rates; names: Names }) {
  const { t } = useTranslation("rates");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const { data: templates } = useInfiniteQuery(templatesQuery(useOrg(), NO_FILTER));
  const known = new Set(templates?.pages.flatMap((page) => page.items.map(({ name }) => name)));
  const go = (change: Wish) =>
    void navigate({ to: "/o/$org/rates", params: { org: slug }, search: readWish({ ...wish, ...change }), replace: true });
  return (
    <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
      <Select
        label={t("by.label")}
        data={BYS.map((value) => ({ value, label: t(`by.${value}`) }))}
        value={rates.by}
        onChange={(by) => go({ by: by as Wish["by"] })}
        allowDeselect={false}
        miw={150}
      />
      <TextInput type="date" label={t("from")} value={rates.from} max={rates.until} miw={150} onChange={(event) => go({ from: event.currentTarget.value })} />
      <TextInput type="date" label={t("until")} value={rates.until} min={rates.from} miw={150} onChange={(event) => go({ until: event.currentTarget.value })} />
      <Chosen label={t("number")} among={names.numbers} value={wish.number} onChange={(number) => go({ number })} />
      <Autocomplete
        key={wish.template}
        label={t("template")}
        placeholder={t("every")}
        data={[...known]}
        defaultValue={wish.template}
        onOptionSubmit={(template) => go({ template })}
        onBlur={(event) => go({ template: event.currentTarget.value.trim() })}
        onKeyDown={(event) => event.key === "Enter" && go({ template: event.currentTarget.value.trim() })}
        miw={150}
      />
      {names.notifications.size > 0 && (
        <Chosen
          label={t("notification")}
          among={names.notifications}
          value={wish.notification}
          onChange={(notification) => go({ notification })}
        />
      )}
    </Group>
  );
}

/** One of several, or all. */
function Chosen({ label, among, value, onChange }: ChosenProps) {
  const { t } = useTranslation("rates");
  return (
    <Select
      label={label}
      placeholder={t("every")}
      data={[...among].map(([value, label]) => ({ value, label }))}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? "")}
      clearable
      miw={150}
    />
  );
}
