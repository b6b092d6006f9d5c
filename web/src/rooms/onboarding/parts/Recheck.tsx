/** "Really connected?": a look at Meta, now. */
import { Button, Card, Group, Stack, Text } from "@mantine/core";
import { RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { useCheck } from "../queries";
import { TroubleFacts } from "./TroubleBox";

export function Recheck({ account }: { account: string }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const may = useMay();
  const check = useCheck(account);
  return (
    <Card withBorder component="section" aria-label={t("recheck.title")}>
      <Group justify="space-between" gap="md">
        <div>
          <Text fw={600}>{t("recheck.title")}</Text>
          <Text size="sm" c="dimmed">
            {t("recheck.about")}
          </Text>
        </div>
        <Button
          variant="default"
          leftSection={<RefreshCw size={16} aria-hidden />}
          disabled={!may("connections.write")}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t("recheck.now")}
        </Button>
      </Group>
      <Stack role="status" gap="sm" mt={check.isIdle ? 0 : "md"}>
        <ProblemAlert error={check.error} />
        {check.data?.troubles.length === 0 && (
          <Notice tone="good">{t("recheck.good")}</Notice>
        )}
        {check.data?.troubles.map(({ step, problem }) => (
          <Notice key={step + problem.trouble} tone="warn" title={say(problem.sentence)}>
            <Stack gap="xs">
              <TroubleFacts problem={problem} />
            </Stack>
          </Notice>
        ))}
      </Stack>
    </Card>
  );
}
