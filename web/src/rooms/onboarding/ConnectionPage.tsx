/** `/o/$org/connections/$connection`: how a number becomes connected, step by step, as it happens. */
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Notice, type Tone } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Facts } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { Celebration } from "./parts/Celebration";
import { Recheck } from "./parts/Recheck";
import { Reopen } from "./parts/Remedies";
import { StepItem } from "./parts/StepItem";
import classes from "./parts/Steps.module.css";
import { abandon, connectionQuery, useFreshOnboarding, type Connection } from "./queries";
import { isConnected, stepsOf } from "./steps";

export function ConnectionPage() {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const { connection: id = "" } = useParams({ strict: false });
  useFreshOnboarding();
  const { data: connection } = useSuspenseQuery(connectionQuery(org, id));
  return (
    <Page
      title={isConnected(connection) ? t("connection.connected") : t("connection.title")}
      about={
        <Facts>
          {[
            t(`entry.${connection.entry}`),
            <span key="begun">
              {t("connection.begun")} <Time at={connection.created_at} />
            </span>,
          ]}
        </Facts>
      }
      actions={<Actions connection={connection} />}
      width={760}
    >
      <Stack gap="lg">
        <Standing connection={connection} />
        <section aria-label={t("connection.steps")}>
          <Title order={2} size="h4" mb="sm">
            {t("connection.steps")}
          </Title>
          <ol className={classes.steps} aria-live="polite" aria-relevant="additions text">
            {stepsOf(connection).map((step) => (
              <StepItem key={step.step} step={step} connection={connection} />
            ))}
          </ol>
        </section>
        {connection.account_id && <Recheck account={connection.account_id} />}
      </Stack>
    </Page>
  );
}

const TONES: Partial<Record<Connection["state"], Tone>> = {
  started: "info",
  waiting: "wait",
  needs_person: "warn",
  abandoned: "info",
};

/** How the whole stands. */
function Standing({ connection }: { connection: Connection }) {
  const say = useSay();
  const may = useMay();
  if (isConnected(connection)) return <Celebration connection={connection} />;
  return (
    <>
      <Notice role="status" tone={TONES[connection.state] ?? "busy"}>
        {say(connection.sentence)}
      </Notice>
      {connection.state === "started" && may("connections.write") && <TakeUp connection={connection} />}
    </>
  );
}

/** Nothing was heard from Meta's window yet: whoever closed it goes on here. */
function TakeUp({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  return (
    <Stack gap="sm">
      <Text>{t("connection.takeUp")}</Text>
      <Reopen connection={connection} />
    </Stack>
  );
}

function Actions({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const { slug } = useMembership();
  const may = useMay();
  const queries = useQueryClient();
  const giveUp = async () => {
    await abandon(org, connection.id);
    await queries.invalidateQueries({ queryKey: ["org", org, "connections"] });
  };
  if (connection.state === "abandoned") {
    return (
      <Button component={Link} to={`/o/${slug}/connect`}>
        {t("connection.anew")}
      </Button>
    );
  }
  if (connection.account_id) {
    return (
      <Button component={Link} to={`/o/${slug}/accounts/${connection.account_id}`} variant="default">
        {t("connection.account")}
      </Button>
    );
  }
  if (!may("connections.write")) return null;
  return (
    <Group>
      <ConfirmButton
        size="sm"
        title={t("connection.abandonTitle")}
        effect={<Text>{t("connection.abandonEffect")}</Text>}
        confirm={t("connection.abandon")}
        danger
        onConfirm={giveUp}
      >
        {t("connection.abandon")}
      </ConfirmButton>
    </Group>
  );
}
