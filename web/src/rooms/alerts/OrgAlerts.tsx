/** Whether an organisation calls one on this device, and on which others. */
import { Button, Group, Loader, Stack, Text, ThemeIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { BellOff, BellRing } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { device } from "@/rooms/identity/device";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { Row } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { browserQuery, subscriptionsQuery, useTry, useTurnOff, useTurnOn, type Subscription } from "./queries";

interface OrgAlertsProps {
  membership: Schemas["Membership"];
  /** Whether this browser can be called at all. */
  canTurnOn: boolean;
}

export function OrgAlerts({ membership: { id: org, name, rights, status }, canTurnOn }: OrgAlertsProps) {
  const { t } = useTranslation("alerts");
  const browser = useQuery(browserQuery);
  const { data: all, error } = useQuery(subscriptionsQuery(org));
  const turnOn = useTurnOn(org);
  const turnOff = useTurnOff(org);
  const attempt = useTry(org);

  const here = all?.find((one) => one.endpoint_sha256 === browser.data);
  const others = all?.filter((one) => one !== here) ?? [];
  const isRead = all !== undefined && !browser.isPending;
  const may = rights.includes("inbox.write") && status === "active";
  const why = !rights.includes("inbox.write") ? "readsOnly" : status !== "active" ? "suspended" : here ? "on" : "off";
  const Icon = here && may ? BellRing : BellOff;
  const failure = error ?? turnOn.error ?? turnOff.error ?? attempt.error;

  return (
    <Row
      mark={
        <ThemeIcon size={38} variant="light" color={here && may ? undefined : "gray"} aria-hidden>
          <Icon size={20} />
        </ThemeIcon>
      }
      title={name}
      facts={<span role="status">{isRead ? t(`state.${why}`) : ""}</span>}
      actions={
        !isRead ? (
          !error && <Loader size="xs" aria-label={t("loading", { ns: "app" })} />
        ) : here ? (
          <>
            <Button
              variant="light"
              size="xs"
              miw="max-content"
              disabled={!may}
              loading={attempt.isPending}
              onClick={() => attempt.mutate(here, { onSuccess: () => tellDone(t("tried")) })}
              aria-label={t("tryNamed", { name })}
            >
              {t("try")}
            </Button>
            <Button
              variant="default"
              size="xs"
              miw="max-content"
              disabled={!may}
              loading={turnOff.isPending}
              onClick={() => turnOff.mutate(here)}
              aria-label={t("offNamed", { name })}
            >
              {t("off")}
            </Button>
          </>
        ) : (
          <Button size="xs" miw="max-content" disabled={!may || !canTurnOn} loading={turnOn.isPending} onClick={() => turnOn.mutate()} aria-label={t("onNamed", { name })}>
            {t("on")}
          </Button>
        )
      }
    >
      {(Boolean(failure) || others.length > 0) && (
        <Stack gap="xs">
          <ProblemAlert error={failure} />
          {others.length > 0 && <Others org={org} may={may} others={others} />}
        </Stack>
      )}
    </Row>
  );
}

/** The other devices, each with the way to forget it. */
function Others({ org, may, others }: { org: string; may: boolean; others: readonly Subscription[] }) {
  const { t } = useTranslation("alerts");
  const turnOff = useTurnOff(org);
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {t("others")}
      </Text>
      {others.map((one) => {
        const name = device(one.user_agent);
        return (
          <Group key={one.id} justify="space-between" wrap="nowrap">
            <Text size="sm" c="dimmed">
              {name} · {t("since")} <Time at={one.created_at} format="day" />
            </Text>
            <ConfirmButton
              size="compact-xs"
              miw="max-content"
              disabled={!may}
              title={t("offTitle", { name })}
              effect={t("offEffect")}
              confirm={t("off")}
              onConfirm={() => turnOff.mutateAsync(one)}
              aria-label={t("offNamed", { name })}
            >
              {t("off")}
            </ConfirmButton>
          </Group>
        );
      })}
    </Stack>
  );
}
