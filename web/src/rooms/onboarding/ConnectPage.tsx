/** `/o/$org/connect`: the ways to connect a WhatsApp number. */
import { Anchor, Card, Group, List, SimpleGrid, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ClipboardCheck, KeyRound } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { newConnection } from "./doors";
import { ConnectChoices } from "./parts/ConnectChoices";
import { InviteLinks } from "./parts/InviteLinks";
import { Unfinished } from "./parts/Unfinished";
import { modesOf } from "./modes";
import { accountsQuery, connectionQuery, connectionsQuery, metaAppsQuery, organisationQuery, useFreshOnboarding } from "./queries";
import { signup } from "./signup/attempt";
import { SignupPanel, useAttempt } from "./signup/SignupPanel";
import { waitsForDialog } from "./steps";

export function ConnectPage() {
  const { t } = useTranslation("onboarding");
  const may = useMay();
  useFreshOnboarding();
  const { data: apps } = useSuspenseQuery(metaAppsQuery(useOrg()));
  return (
    <Page title={t("connect.title")} about={t("connect.about")}>
      <Stack gap="xl">
        {!may("connections.write") && (
          <Notice>{t("mayNot")}</Notice>
        )}
        {apps.items.length === 0 ? (
          <EmptyState icon={KeyRound} title={t("connect.noApp")}>
            {t("connect.noAppDetail")}
          </EmptyState>
        ) : (
          <Usual />
        )}
        <Unfinished />
        <Others />
        {may("connections.write") && apps.items.length > 0 && <InviteLinks />}
      </Stack>
    </Page>
  );
}

/** Through Meta's window. */
function Usual() {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const { slug } = useMembership();
  const may = useMay();
  const navigate = useNavigate();
  const { reconnects } = useSearch({ strict: false });
  const { data: apps } = useSuspenseQuery(metaAppsQuery(org));
  const { data: organisation } = useSuspenseQuery(organisationQuery(org));
  const { data: accounts } = useSuspenseQuery(accountsQuery(org));
  const former = accounts.items.find((one) => one.id === reconnects);
  const [wish, setWish] = useState(() => {
    const app = apps.items.find((one) => one.id === former?.app_id) ?? apps.items[0];
    const mode = former?.mode ?? (app && modesOf(app, organisation.operator_pays)[0]) ?? "tech_provider";
    return { app_id: app?.id, mode, variant: "standard" as const, currency: null, reconnects, override_webhook: false };
  });
  const door = useMemo(() => newConnection(org, wish), [org, wish]);
  const onTaken = (connection: string) =>
    void navigate({ to: "/o/$org/connections/$connection", params: { org: slug, connection } });
  const { flow } = useAttempt(door.key);
  useFollow(door.key, onTaken);
  return (
    <Card withBorder p={{ base: "md", sm: "xl" }}>
      <Stack gap="lg">
        {former ? (
          <Notice title={t("connect.again", { name: former.name })}>{t("connect.againDetail")}</Notice>
        ) : (
          <HaveAtHand />
        )}
        {flow.phase === "idle" && <ConnectChoices wish={wish} onWish={setWish} fixed={Boolean(former)} />}
        <SignupPanel door={door} label={t("connect.button")} disabled={!may("connections.write")} onTaken={onTaken} />
        {flow.phase === "idle" && (
          <Text size="sm" c="dimmed">
            {t("connect.whatHappens")}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

/** Goes on to the steps as well when the sign-up was finished on the full page. */
function useFollow(door: string, onTaken: (connection: string) => void) {
  const org = useOrg();
  const { dialog } = useAttempt(door);
  const id = dialog?.connection_id ?? "";
  const { data: connection } = useQuery({ ...connectionQuery(org, id), enabled: id !== "" });
  const goesOn = connection !== undefined && connection.state !== "abandoned" && !waitsForDialog(connection);
  const follow = useEffectEvent(() => {
    onTaken(id);
    signup.release();
  });
  useEffect(() => {
    if (goesOn) follow();
  }, [goesOn]);
}

function HaveAtHand() {
  const { t } = useTranslation("onboarding");
  const { slug } = useMembership();
  return (
    <div>
      <Title order={2} size="h4" mb="xs">
        {t("connect.atHand")}
      </Title>
      <List spacing={4} size="sm">
        <List.Item>{t("connect.facebook")}</List.Item>
        <List.Item>{t("connect.number")}</List.Item>
        <List.Item>{t("connect.papers")}</List.Item>
      </List>
      <Anchor component={Link} to={`/o/${slug}/readiness`} size="sm" mt="xs" display="inline-block">
        {t("connect.readiness")}
      </Anchor>
    </div>
  );
}

/** Other ways than Meta's window. */
function Others() {
  const { t } = useTranslation("onboarding");
  const { slug } = useMembership();
  const { data: connections } = useSuspenseQuery(connectionsQuery(useOrg()));
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Way to={`/o/${slug}/connect/manual`} icon={<KeyRound size={20} />} title={t("connect.byHand")}>
        {t("connect.byHandDetail")}
      </Way>
      <Way to={`/o/${slug}/readiness`} icon={<ClipboardCheck size={20} />} title={t("readiness.title")}>
        {connections.items.length === 0 ? t("connect.readinessFirst") : t("connect.readinessLater")}
      </Way>
    </SimpleGrid>
  );
}

function Way({ to, icon, title, children }: { to: string; icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <Card withBorder component={Link} to={to}>
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" size="lg" aria-hidden>
          {icon}
        </ThemeIcon>
        <div>
          <Text fw={600}>{title}</Text>
          <Text size="sm" c="dimmed">
            {children}
          </Text>
        </div>
      </Group>
    </Card>
  );
}
