/** `/o/$org/accounts`: the connected WhatsApp accounts and their numbers, at a glance. */
import { Anchor, Badge, Box, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ClipboardCheck, Plus, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { useNow } from "@/ui/useNow";
import { glancesOfAccount, limit, line, quality } from "./health";
import { Glances, GlanceWord } from "./parts/Glances";
import { Unfinished } from "./parts/Unfinished";
import { accountsQuery, useFreshOnboarding, type Account, type PhoneNumber } from "./queries";

export function AccountsPage() {
  const { t } = useTranslation("onboarding");
  const { slug } = useMembership();
  const may = useMay();
  useFreshOnboarding();
  const { data } = useSuspenseQuery(accountsQuery(useOrg()));
  const connect = (
    <Button
      component={Link}
      to={`/o/${slug}/connect`}
      leftSection={<Plus size={16} aria-hidden />}
      disabled={!may("connections.write")}
    >
      {data.items.length === 0 ? t("connect.button") : t("accounts.another")}
    </Button>
  );
  const readiness = (
    <Button
      component={Link}
      to={`/o/${slug}/readiness`}
      variant="default"
      leftSection={<ClipboardCheck size={16} aria-hidden />}
    >
      {t("readiness.title")}
    </Button>
  );
  return (
    <Page
      title={t("accounts.title")}
      about={t("accounts.about")}
      actions={
        <>
          {readiness}
          {data.items.length > 0 && connect}
        </>
      }
    >
      <Stack gap="lg">
        {data.items.length === 0 && (
          <EmptyState icon={Smartphone} title={t("accounts.none")} action={connect}>
            {t("accounts.noneDetail")}
          </EmptyState>
        )}
        <Unfinished />
        {inOrder(data.items).map((account) => (
          <AccountCard key={account.id} account={account} />
        ))}
      </Stack>
    </Page>
  );
}

/** Those in use first. */
function inOrder(accounts: readonly Account[]): Account[] {
  return accounts.toSorted((one, other) => Number(Boolean(one.disconnected_at)) - Number(Boolean(other.disconnected_at)));
}

function AccountCard({ account }: { account: Account }) {
  const { t } = useTranslation("onboarding");
  const { slug } = useMembership();
  const now = useNow();
  const gone = account.disconnected_at;
  return (
    <Card withBorder component="section">
      <Group justify="space-between" align="flex-start" mb="sm">
        <div>
          <Title order={2} size="h4">
            <Anchor component={Link} to={`/o/${slug}/accounts/${account.id}`} inherit>
              {account.name}
            </Anchor>
          </Title>
          <Text size="sm" c="dimmed">
            {gone ? (
              <>
                {t("accounts.goneSince")} <Time at={gone} format="day" />
              </>
            ) : (
              <Checked account={account} />
            )}
          </Text>
        </div>
        {gone && <Badge color="gray">{t("accounts.gone")}</Badge>}
      </Group>
      {!gone && (
        <Box mb="md">
          <Glances of={glancesOfAccount(account, now)} brief />
        </Box>
      )}
      <Rows label={t("accounts.numbers")}>
        {account.numbers.map((number) => (
          <NumberRow key={number.id} number={number} />
        ))}
      </Rows>
    </Card>
  );
}

export function Checked({ account }: { account: Account }) {
  const { t } = useTranslation("onboarding");
  if (!account.checked_at) return t("accounts.notChecked");
  return (
    <>
      {t("accounts.checked")} <Time at={account.checked_at} />
    </>
  );
}

function NumberRow({ number }: { number: PhoneNumber }) {
  const { slug } = useMembership();
  const tier = limit(number);
  return (
    <Row
      title={
        <Anchor component={Link} to={`/o/${slug}/numbers/${number.id}`} inherit>
          {number.display}
        </Anchor>
      }
      facts={
        <Facts>
          {[
            number.verified_name,
            <GlanceWord key="line" of={line(number)} />,
            <GlanceWord key="quality" of={quality(number)} />,
            tier.state !== "unknown" && <GlanceWord key="limit" of={tier} />,
          ]}
        </Facts>
      }
    />
  );
}
