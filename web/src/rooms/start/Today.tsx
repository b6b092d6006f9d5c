/** What happened today and what waits now. */
import { SimpleGrid, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { useNow } from "@/ui/useNow";
import { todayOf, type Facts } from "./progress";
import { countsQuery } from "./queries";
import classes from "./Today.module.css";

export function Today({ facts }: { facts: Facts & { older: boolean } }) {
  const { t, i18n } = useTranslation("start");
  const { data: counts } = useSuspenseQuery(countsQuery(useOrg()));
  const midnight = new Date(useNow()).setHours(0, 0, 0, 0);
  const { active, fresh, more } = todayOf(facts.conversations, facts.older, midnight);
  const said = (count: number, andMore = false) => new Intl.NumberFormat(i18n.language).format(count) + (andMore ? "+" : "");
  // Beyond this the server counts no further.
  const upTo = (count: number) => said(Math.min(count, 999), count > 999);
  return (
    <Stack gap="sm" component="section" aria-label={t("today.title")}>
      <Title order={2} size="h4">
        {t("today.title")}
      </Title>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" aria-live="polite">
        <Count value={said(active, more)} label={t("today.active")} />
        <Count value={said(fresh, more)} label={t("today.fresh")} />
        <Count value={upTo(counts.unread)} label={t("today.unread")} />
        <Count value={upTo(counts.handed_off)} label={t("today.handedOff")} wants={counts.handed_off > 0} />
      </SimpleGrid>
    </Stack>
  );
}

/** A count that leads to the inbox. */
function Count({ value, label, wants = false }: { value: string; label: string; wants?: boolean }) {
  const { slug } = useMembership();
  return (
    <UnstyledButton component={Link} to={`/o/${slug}/inbox`} className={classes.count} data-wants={wants || undefined}>
      <Text component="span" size="1.75rem" fw={700} lh={1.1}>
        {value}
      </Text>
      <Text component="span" size="sm" c="dimmed">
        {label}
      </Text>
    </UnstyledButton>
  );
}
