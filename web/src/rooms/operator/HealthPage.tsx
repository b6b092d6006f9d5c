/** How the installation is doing: what is slow and why, in sentences; the figures behind them below. */
import { Anchor, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useSay } from "@/i18n/sentence";
import { EmptyState } from "@/ui/EmptyState";
import { Notice, type Tone } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { HealthFigures } from "./HealthFigures";
import { HealthNodes } from "./HealthNodes";
import { HealthQueues } from "./HealthQueues";
import { healthQuery } from "./queries";

/** The colour and mark of each level, and the page behind a finding. */
const TONES: Record<Schemas["HealthLevel"], Tone> = { bad: "bad", warn: "warn", note: "info" };
const PAGES = {
  "dead-jobs": "/operator/dead-jobs",
  "kept-updates": "/operator/kept",
  connections: "/operator/connections",
} as const;

export function HealthPage() {
  const { t } = useTranslation("operator");
  const { data: health } = useSuspenseQuery(healthQuery);
  return (
    <Page title={t("health.title")} about={t("health.about")}>
      <Stack gap="lg">
        {health.findings.length > 0 ? (
          <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t("health.findings")}>
            {health.findings.map((finding, place) => (
              <li key={`${finding.code} ${place}`}>
                <FindingNotice finding={finding} />
              </li>
            ))}
          </Stack>
        ) : (
          <EmptyState icon={CircleCheck} title={t("health.well")}>
            {t("health.wellDetail")}
          </EmptyState>
        )}
        <HealthQueues queues={health.queues} />
        <HealthNodes nodes={health.nodes} at={health.at} />
        <HealthFigures health={health} />
      </Stack>
    </Page>
  );
}

function FindingNotice({ finding }: { finding: Schemas["HealthFinding"] }) {
  const { t } = useTranslation("operator");
  const say = useSay();
  const page = finding.page && finding.page in PAGES ? PAGES[finding.page as keyof typeof PAGES] : undefined;
  return (
    <Notice tone={TONES[finding.level]} title={say(finding.sentence)}>
      <Text size="sm">{say(finding.remedy)}</Text>
      {page && (
        <Anchor component={Link} to={page} size="sm">
          {t("health.look")}
        </Anchor>
      )}
    </Notice>
  );
}
