/** What the organisation tells people of its own accord. */
import { Anchor, Badge, Button } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BellRing, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useOrgZone } from "@/app/useOrgZone";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { notificationsQuery, useFreshNotifications, type Notification } from "./queries";

export function NotificationsPage() {
  const { t } = useTranslation("notifications");
  const { slug } = useMembership();
  const mayWrite = useMay()("notifications.write");
  const { data: all } = useSuspenseQuery(notificationsQuery(useOrg()));
  useFreshNotifications();
  const add = mayWrite && (
    <Button component={Link} to={`/o/${slug}/notifications/new`} leftSection={<Plus size={16} aria-hidden />}>
      {t("add")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} actions={all.length > 0 && add}>
      {all.length === 0 ? (
        <EmptyState icon={BellRing} title={t("none")} action={add}>
          {t("noneDetail")}
        </EmptyState>
      ) : (
        <Rows label={t("title")}>
          {all.map((one) => (
            <Row
              key={one.id}
              title={
                <Anchor component={Link} to={`/o/${slug}/notifications/${one.id}`} c="inherit" fw={600}>
                  {one.name}
                </Anchor>
              }
              facts={<WhenFacts notification={one} />}
              actions={<StateBadge state={one.state} />}
            />
          ))}
        </Rows>
      )}
    </Page>
  );
}

export function StateBadge({ state }: { state: Notification["state"] }) {
  const { t } = useTranslation("notifications");
  return (
    <Badge variant="light" color={state === "enabled" ? "sapa" : "gray"} autoContrast>
      {t(`state.${state}`)}
    </Badge>
  );
}

/** Template, when it goes out, and when next. */
export function WhenFacts({ notification: { definition, next_at } }: { notification: Notification }) {
  const { t } = useTranslation("notifications");
  const orgZone = useOrgZone();
  const zone = definition.time_zone ?? orgZone;
  const { trigger } = definition;
  const when =
    trigger.kind === "date"
      ? t(trigger.days === 0 ? "when.onDay" : trigger.days < 0 ? "when.before" : "when.after", { count: Math.abs(trigger.days), at: trigger.at })
      : trigger.kind === "cron"
        ? t("when.cron", { pattern: trigger.pattern })
        : t("when.call");
  return (
    <Facts>
      {[
        definition.template,
        when,
        next_at && (
          <span key="next">
            {t("next")} <Time at={next_at} zone={zone} />
          </span>
        ),
      ]}
    </Facts>
  );
}
