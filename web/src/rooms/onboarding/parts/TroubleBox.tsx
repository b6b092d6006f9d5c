/** What stopped a step: Meta's words in plain language, whose turn it is and what to do. */
import { Badge, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSay } from "@/i18n/sentence";
import { Notice } from "@/ui/Notice";
import { Time } from "@/ui/Time";
import type { Trouble } from "../queries";
import { useScreen } from "../signup/screens";
import type { Shown } from "../steps";

/** A step that stopped, with the way on where there is one for whoever looks. */
export function TroubleBox({ step, remedies }: { step: Shown & { problem: Trouble }; remedies: ReactNode }) {
  const say = useSay();
  const { problem } = step;
  const waits = step.status === "waiting" || step.status === "done";
  return (
    <Notice tone={waits ? "wait" : "warn"} title={say(problem.sentence)}>
      <Stack gap="sm">
        <TroubleFacts problem={problem} retryAt={step.retry_at} />
        {remedies}
      </Stack>
    </Notice>
  );
}

/** Whose turn it is, what to do, and what Meta said. */
export function TroubleFacts({ problem, retryAt }: { problem: Trouble; retryAt?: number | null }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const screen = useScreen();
  const codes = [problem.meta_code, problem.meta_subcode].filter((code) => code !== null && code !== undefined);
  return (
    <>
      <Group gap="xs" align="baseline">
        <Badge variant="default">
          {t(`turn.${problem.turn}`)}
        </Badge>
        <Text size="sm" flex="1 1 240px">
          {say(problem.action)}
        </Text>
      </Group>
      {(problem.details ?? codes.length > 0) && (
        <Text size="sm" c="dimmed">
          {problem.details &&
            (problem.trouble === "signup_cancelled"
              ? t("signup.cancelled.at", { screen: screen(problem.details) })
              : t("trouble.said", { words: problem.details.replace(/\.$/, "") }))}{" "}
          {codes.length > 0 && t("trouble.code", { code: codes.join(" / ") })}
        </Text>
      )}
      {retryAt && (
        <Text size="sm">
          {t("trouble.next")} <Time at={retryAt} />
        </Text>
      )}
    </>
  );
}
