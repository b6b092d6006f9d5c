/** One run: how far it has come, what was decided about whom and why, and what became of it. */
import { Anchor, Badge, Button, Group, Progress, Select, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Download, Pause, Play, Square } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useOrgZone } from "@/app/useOrgZone";
import { useSay } from "@/i18n/sentence";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Page } from "@/ui/Page";
import { PagePending } from "@/ui/PageStates";
import { usePaged } from "@/ui/Paged";
import { tellProblem } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { Counts, VerdictBadge } from "./Counts";
import {
  exportAddress,
  notificationQuery,
  recipientsQuery,
  runQuery,
  setRunState,
  useFreshNotifications,
  useNotificationDeed,
  type RecipientChoice,
  type Run,
} from "./queries";

export function RunPage() {
  const { t } = useTranslation("notifications");
  const org = useOrg();
  const { slug } = useMembership();
  const { run: id = "" } = useParams({ strict: false });
  const { data: run } = useSuspenseQuery(runQuery(org, id));
  const { data: notification } = useSuspenseQuery(notificationQuery(org, run.notification_id));
  const [verdict, setVerdict] = useState<string | null>(null);
  useFreshNotifications();
  const orgZone = useOrgZone();
  const share = run.people === 0 ? 100 : Math.min(100, Math.round((100 * run.decided) / run.people));
  return (
    <Page
      title={notification.name}
      up={{ to: `/o/${slug}/notifications/${notification.id}`, label: notification.name }}
      about={<Facts>{[t(`cause.${run.cause}`), <Time key="at" at={run.due_at} zone={notification.definition.time_zone ?? orgZone} />]}</Facts>}
      actions={
        <Button variant="default" component="a" href={exportAddress(org, run.id)} download leftSection={<Download size={16} aria-hidden />}>
          {t("export")}
        </Button>
      }
    >
      <Stack>
        <Group justify="space-between">
          <Badge variant="default">{t(`runState.${run.state}`)}</Badge>
          <RunDeeds run={run} />
        </Group>
        {(run.state === "running" || run.state === "paused") && (
          <Progress value={share} aria-label={t("progress")} animated={run.state === "running"} />
        )}
        <Section title={t("decided")}>
          <Counts counts={run.counts} />
          {run.decided === 0 && <Text c="dimmed">{t(run.state === "running" ? "notYet" : "nobodyHere")}</Text>}
        </Section>
        {run.outcomes.length > 0 && (
          <Section title={t("outcomes")}>
            <Group gap="lg">
              {run.outcomes.map((one) => (
                <Text key={`${one.channel} ${one.outcome}`}>
                  <Text span fw={600}>
                    {one.count}
                  </Text>{" "}
                  {t(`outcome.${one.outcome as "sent"}`)}
                  {one.channel !== "whatsapp" && ` (${t(`channel.${one.channel as "email"}`)})`}
                </Text>
              ))}
            </Group>
          </Section>
        )}
        <Select
          aria-label={t("filter")}
          placeholder={t("everybody")}
          data={(["send", "wait", "fall_back", "refuse"] as const).map((value) => ({ value, label: t(`verdict.${value}`) }))}
          value={verdict}
          onChange={setVerdict}
          clearable
          maw={300}
        />
        <Suspense fallback={<PagePending />}>
          <Recipients run={run.id} choice={{ verdict: verdict ?? undefined }} />
        </Suspense>
      </Stack>
    </Page>
  );
}

function RunDeeds({ run }: { run: Run }) {
  const { t } = useTranslation("notifications");
  const mayWrite = useMay()("notifications.write");
  const setState = useNotificationDeed(setRunState(run.id));
  if (!mayWrite || (run.state !== "running" && run.state !== "paused")) return null;
  const isRunning = run.state === "running";
  return (
    <Group gap="xs">
      <Button
        variant="default"
        size="xs"
        loading={setState.isPending}
        leftSection={isRunning ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
        onClick={() => setState.mutate(isRunning ? "paused" : "running", { onError: tellProblem })}
      >
        {t(isRunning ? "pauseRun" : "goOn")}
      </Button>
      <ConfirmButton
        title={t("stop.title")}
        effect={t("stop.effect")}
        confirm={t("stop.confirm")}
        danger
        leftSection={<Square size={14} aria-hidden />}
        onConfirm={() => setState.mutateAsync("stopped")}
      >
        {t("stop.confirm")}
      </ConfirmButton>
    </Group>
  );
}

function Recipients({ run, choice }: { run: string; choice: RecipientChoice }) {
  const { t } = useTranslation("notifications");
  const { slug } = useMembership();
  const say = useSay();
  const { items, more } = usePaged(recipientsQuery(useOrg(), run, choice));
  if (items.length === 0) return null;
  return (
    <>
      <Rows label={t("people")}>
        {items.map((one) => (
          <Row
            key={one.id}
            title={one.name ?? (one.phone ? `+${one.phone}` : t("nobody"))}
            facts={
              <Facts>
                {[
                  one.record_id && one.external_id && (
                    <Anchor key="record" component={Link} to={`/o/${slug}/records/${one.record_id}`} size="sm">
                      {one.external_id}
                    </Anchor>
                  ),
                  one.standing && t(`standing.${one.standing as "unknown"}`),
                  one.window_open !== null && one.window_open !== undefined && t(one.window_open ? "windowOpen" : "windowClosed"),
                  one.outcome && one.outcome !== "refused" && t(`outcome.${one.outcome as "sent"}`),
                  one.trouble && one.verdict === "send" && one.trouble,
                ]}
              </Facts>
            }
            actions={<VerdictBadge verdict={one.verdict} />}
          >
            {one.detail && <Text size="sm">{say(one.detail)}</Text>}
            {one.elsewhere && <Text size="sm">{say(one.elsewhere)}</Text>}
          </Row>
        ))}
      </Rows>
      {more}
    </>
  );
}
