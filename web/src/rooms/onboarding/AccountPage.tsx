/** `/o/$org/accounts/$account`: everything about one WhatsApp account. */
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Plug } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Facts } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { useNow } from "@/ui/useNow";
import { Checked } from "./AccountsPage";
import { factsOf, glancesOfAccount } from "./health";
import { Disconnect } from "./parts/Disconnect";
import { Glances } from "./parts/Glances";
import { NumberCard } from "./parts/NumberCard";
import { Recheck } from "./parts/Recheck";
import { Templates } from "./parts/Templates";
import { accountQuery, useFreshOnboarding, type Account } from "./queries";

export function AccountPage() {
  const { t } = useTranslation("onboarding");
  const may = useMay();
  const now = useNow();
  const { account: id = "" } = useParams({ strict: false });
  useFreshOnboarding();
  const { data: account } = useSuspenseQuery(accountQuery(useOrg(), id));
  const gone = Boolean(account.disconnected_at);
  return (
    <Page
      title={account.name}
      about={
        <Facts>
          {[t("account.id", { id: account.waba_id }), t(`mode.${account.mode}.pays`), <Checked key="checked" account={account} />]}
        </Facts>
      }
      actions={<ConnectAgain account={account} />}
    >
      <Stack gap="xl">
        {gone && <Gone account={account} />}
        {!gone && (
          <>
            <Card withBorder component="section" aria-label={t("account.glance")}>
              <Title order={2} size="h4" mb="md">
                {t("account.glance")}
              </Title>
              <Glances of={glancesOfAccount(account, now)} />
              <Notes account={account} />
            </Card>
            <Recheck account={account.id} />
          </>
        )}
        <Stack gap="sm">
          <Title order={2} size="h4">
            {t("accounts.numbers")}
          </Title>
          {account.numbers.length === 0 && <Text c="dimmed">{t("account.noNumbers")}</Text>}
          {account.numbers.map((number) => (
            <NumberCard key={number.id} number={number} usable={!gone} />
          ))}
        </Stack>
        <Templates account={account.id} usable={!gone} />
        {may("connections.write") && <Disconnect account={account} />}
      </Stack>
    </Page>
  );
}

/** Repairs what is broken and keeps everything. */
function ConnectAgain({ account }: { account: Account }) {
  const { t } = useTranslation("onboarding");
  const { slug } = useMembership();
  const may = useMay();
  if (!may("connections.write")) return null;
  return (
    <Button
      renderRoot={(props) => (
        <Link to="/o/$org/connect" params={{ org: slug }} search={{ reconnects: account.id }} {...props} />
      )}
      variant={account.disconnected_at || account.token !== "valid" ? "filled" : "default"}
      leftSection={<Plug size={16} aria-hidden />}
    >
      {t("account.again")}
    </Button>
  );
}

function Gone({ account }: { account: Account }) {
  const { t } = useTranslation("onboarding");
  return (
    <Notice title={t("accounts.gone")}>
      {account.disconnected_at && <Time at={account.disconnected_at} />}
      {account.disconnect_reason && <> · {account.disconnect_reason}</>}
      <Text size="sm">{t("account.goneDetail")}</Text>
    </Notice>
  );
}

/** What Meta adds in words of its own. */
function Notes({ account }: { account: Account }) {
  const { t } = useTranslation("onboarding");
  const { notes, restrictions } = factsOf(account);
  const words = [...notes, ...restrictions];
  if (words.length === 0) return null;
  return (
    <Group mt="md" gap={4} align="flex-start">
      <Text size="sm" fw={600}>
        {t("account.metaSays")}
      </Text>
      {words.map((one) => (
        <Text key={one} size="sm" w="100%">
          “{one}”
        </Text>
      ))}
    </Group>
  );
}
