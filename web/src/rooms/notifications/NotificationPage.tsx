/** One notification: when it goes out, who would get it, and its runs. */
import { Anchor, Badge, Button, Group, Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Pause, PencilLine, Play, Send, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useOrgZone } from "@/app/useOrgZone";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { tellProblem } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { StateBadge, WhenFacts } from "./NotificationsPage";
import { PreviewPart } from "./PreviewPart";
import {
  beginRun,
  notificationQuery,
  removeNotification,
  runsQuery,
  setNotificationState,
  useFreshNotifications,
  useNotificationDeed,
  type Notification,
} from "./queries";

export function NotificationPage() {
  const { t } = useTranslation("notifications");
  const { slug } = useMembership();
  const { notification: id = "" } = useParams({ strict: false });
  const { data: one } = useSuspenseQuery(notificationQuery(useOrg(), id));
  const mayWrite = useMay()("notifications.write");
  useFreshNotifications();
  return (
    <Page
      title={one.name}
      up={{ to: `/o/${slug}/notifications`, label: t("title") }}
      about={<WhenFacts notification={one} />}
      actions={mayWrite && <RunNow notification={one} />}
    >
      <Stack>
        <Group justify="space-between">
          <StateBadge state={one.state} />
          {mayWrite && <Deeds notification={one} />}
        </Group>
        {mayWrite && (
          <Section title={t("preview.title")} about={t("preview.about")}>
            <PreviewPart definition={one.definition} notification={one.id} />
          </Section>
        )}
        <Section title={t("runs.title")} about={t("runs.about")}>
          <Runs notification={one} />
        </Section>
      </Stack>
    </Page>
  );
}

function RunNow({ notification }: { notification: Notification }) {
  const { t } = useTranslation("notifications");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const begin = useNotificationDeed(beginRun);
  const run = async () => {
    const begun = await begin.mutateAsync(notification.id);
    await navigate({ to: `/o/${slug}/notifications/runs/${begun.id}` });
  };
  return (
    <ConfirmButton
      variant="filled"
      size="sm"
      title={t("run.title", { name: notification.name })}
      effect={t(notification.definition.trigger.kind === "date" ? "run.effectToday" : "run.effect")}
      confirm={t("run.confirm")}
      leftSection={<Send size={16} aria-hidden />}
      onConfirm={run}
    >
      {t("run.open")}
    </ConfirmButton>
  );
}

function Deeds({ notification }: { notification: Notification }) {
  const { t } = useTranslation("notifications");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const setState = useNotificationDeed(setNotificationState(notification.id));
  const remove = useNotificationDeed(removeNotification);
  const isEnabled = notification.state === "enabled";
  const gone = async () => {
    await remove.mutateAsync(notification.id);
    await navigate({ to: `/o/${slug}/notifications` });
  };
  return (
    <Group gap="xs">
      <Button
        variant="default"
        size="xs"
        leftSection={isEnabled ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
        loading={setState.isPending}
        onClick={() => setState.mutate(isEnabled ? "paused" : "enabled", { onError: tellProblem })}
      >
        {t(isEnabled ? "pause" : "enable")}
      </Button>
      <Button
        variant="default"
        size="xs"
        component={Link}
        to={`/o/${slug}/notifications/${notification.id}/edit`}
        leftSection={<PencilLine size={14} aria-hidden />}
      >
        {t("edit")}
      </Button>
      <ConfirmButton
        title={t("remove.title", { name: notification.name })}
        effect={t("remove.effect")}
        confirm={t("remove.confirm")}
        danger
        color="red"
        leftSection={<Trash2 size={14} aria-hidden />}
        onConfirm={gone}
      >
        {t("remove.confirm")}
      </ConfirmButton>
    </Group>
  );
}

function Runs({ notification }: { notification: Notification }) {
  const { t } = useTranslation("notifications");
  const { slug } = useMembership();
  const { items, more } = usePaged(runsQuery(useOrg(), notification.id));
  const orgZone = useOrgZone();
  if (items.length === 0) return t("runs.none");
  return (
    <>
      <Rows label={t("runs.title")}>
        {items.map((run) => (
          <Row
            key={run.id}
            title={
              <Anchor component={Link} to={`/o/${slug}/notifications/runs/${run.id}`} c="inherit" fw={600}>
                <Time at={run.due_at} zone={notification.definition.time_zone ?? orgZone} />
              </Anchor>
            }
            facts={<Facts>{[t(`cause.${run.cause}`), t("runs.decided", { count: run.decided })]}</Facts>}
            actions={<Badge variant="default">{t(`runState.${run.state}`)}</Badge>}
          />
        ))}
      </Rows>
      {more}
    </>
  );
}
