/** `/connect#<token>`: whoever holds an invite link connects a number here, without an account, and sees nothing else. */
import { Card, Center, Loader, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { LinkIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { PublicFrame } from "@/app/PublicFrame";
import { useSay } from "@/i18n/sentence";
import { EmptyState } from "@/ui/EmptyState";
import { isolated } from "@/ui/isolated";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { useTitle } from "@/ui/title";
import { invited } from "./doors";
import { StepItem } from "./parts/StepItem";
import classes from "./parts/Steps.module.css";
import { openInviteQuery, type Connection } from "./queries";
import { SignupPanel, useAttempt } from "./signup/SignupPanel";
import { isConnected, stepsOf, waitsForDialog } from "./steps";

/** How often it is looked how far the connection is: links hear no live events. */
const LOOK_EVERY_MS = 2000;

export function InvitePage() {
  const { t } = useTranslation("onboarding");
  const [token] = useState(() => location.hash.slice(1));
  const { data, error } = useQuery({
    ...openInviteQuery(token),
    enabled: token !== "",
    refetchInterval: ({ state }) => (state.data?.connection && !isEnd(state.data.connection) ? LOOK_EVERY_MS : false),
  });
  useTitle(t("invited.window"));
  const gone = token === "" || (error instanceof ApiProblem && error.status === 404);
  return (
    <PublicFrame width={720} locale={data?.locale}>
      {gone && (
        <Title order={1} size="h2">
          {t("invited.window")}
        </Title>
      )}
      {gone && (
        <EmptyState icon={LinkIcon} title={t("invited.gone")}>
          {t("invited.goneDetail")}
        </EmptyState>
      )}
      {!gone && <ProblemAlert error={error} />}
      {!gone && !data && !error && (
        <Center mih={260}>
          <Loader aria-label={t("loading", { ns: "app" })} />
        </Center>
      )}
      {data && <Invited token={token} invite={data} />}
    </PublicFrame>
  );
}

function Invited({ token, invite }: { token: string; invite: Schemas["OpenInvite"] }) {
  const { t } = useTranslation("onboarding");
  const { connection, organisation, note, mode } = invite;
  const door = useMemo(() => invited(token), [token]);
  const { refetch } = useQuery(openInviteQuery(token));
  const { flow } = useAttempt(door.key);
  const begun = connection && !waitsForDialog(connection) ? connection : null;
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          {begun && isConnected(begun)
            ? t("invited.done", { name: organisation })
            : t("invited.title", { name: organisation })}
        </Title>
        {!begun && <Text c="dimmed">{t("invited.about", { name: organisation })}</Text>}
      </div>
      {note && (
        <Notice title={t("invited.note")}>{note}</Notice>
      )}
      {!begun && (
        <Card withBorder p={{ base: "md", sm: "xl" }}>
          <Stack>
            {flow.phase === "idle" && (
              <>
                <Text>{t("connect.whatHappens")}</Text>
                <Text size="sm" c="dimmed">
                  {t(`mode.${mode}.detail`)}
                </Text>
              </>
            )}
            <SignupPanel door={door} label={t("connect.button")} onTaken={() => void refetch()} />
          </Stack>
        </Card>
      )}
      {begun && <Progress connection={begun} />}
      {begun && isConnected(begun) && (
        <Text>
          {invite.numbers.length > 0 && t("invited.numbers", { numbers: invite.numbers.map(isolated).join(", "), count: invite.numbers.length })}{" "}
          {t("invited.used")}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {t("invited.safe")}
      </Text>
    </Stack>
  );
}

function Progress({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  return (
    <>
      <Notice role="status" tone={connection.state === "needs_person" ? "warn" : isConnected(connection) ? "good" : "busy"}>
        {say(connection.sentence)}
      </Notice>
      <Title order={2} size="h4">
        {t("connection.steps")}
      </Title>
      <ol className={classes.steps}>
        {stepsOf(connection).map((step) => (
          <StepItem key={step.step} step={step} connection={connection} readOnly />
        ))}
      </ol>
    </>
  );
}

/** Nothing more will change by itself soon. */
function isEnd({ state }: Connection): boolean {
  return state === "live" || state === "abandoned";
}
