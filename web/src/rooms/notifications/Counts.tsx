/** What was or would be decided, and how often. */
import { Badge, Group, List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSay } from "@/i18n/sentence";
import type { Count } from "./queries";

const COLOURS: Readonly<Record<string, string>> = { send: "sapa", wait: "yellow", fall_back: "blue", refuse: "gray" };
const VERDICTS = ["send", "wait", "fall_back", "refuse"] as const;
type Verdict = (typeof VERDICTS)[number];

export function VerdictBadge({ verdict }: { verdict: string }) {
  const { t } = useTranslation("notifications");
  return (
    <Badge variant="light" color={COLOURS[verdict] ?? "gray"} autoContrast>
      {t(`verdict.${verdict as Verdict}`)}
    </Badge>
  );
}

/** Sums by verdict, and the reasons below them. */
export function Counts({ counts }: { counts: readonly Count[] }) {
  const { t } = useTranslation("notifications");
  const say = useSay();
  const sum = (verdict: Verdict) => counts.filter((one) => one.verdict === verdict).reduce((all, one) => all + one.count, 0);
  return (
    <>
      <Group gap="lg" mb="xs">
        {VERDICTS.filter((verdict) => sum(verdict) > 0).map((verdict) => (
          <Text key={verdict}>
            <Text span fw={600}>
              {sum(verdict)}
            </Text>{" "}
            {t(`verdicts.${verdict}`)}
          </Text>
        ))}
      </Group>
      <List size="sm">
        {counts.map((one) => one.detail && <List.Item key={`${one.verdict} ${one.reason} ${one.gap}`}>{`${one.count} × ${say(one.detail)}`}</List.Item>)}
      </List>
    </>
  );
}
