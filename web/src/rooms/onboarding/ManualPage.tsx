/** `/o/$org/connect/manual`: connecting with ids and a token, each tried on Meta while it is being entered. */
import { Button, Card, Group, SimpleGrid, Stack, Switch, Text, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useIntention } from "@/api/intention";
import { useMay, useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { begin, bodyOf, EMPTY, isReport, lookAt, worthAsking, type Report, type Values } from "./manual";
import { ManualField } from "./parts/ManualField";
import { OwnAppMade } from "./parts/OwnAppMade";
import { AppPicture, NumbersPicture, TokenPicture } from "./parts/pictures";
import { TesterGuide } from "./parts/TesterGuide";

/** How long to wait for the end of a paste or of typing. */
const PAUSE_MS = 700;

export function ManualPage() {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const { slug } = useMembership();
  const may = useMay();
  const navigate = useNavigate();
  const intended = useIntention();
  const [values, setValues] = useState<Values>(EMPTY);
  const look = useMutation({ mutationFn: (wish: Values) => lookAt(org, wish) });
  const send = useMutation({
    mutationFn: (wish: Values) => begin(org, wish, intended(bodyOf(wish))),
    onSuccess: (begun) => {
      if (!isReport(begun) && !begun.own_app) goOn(begun.connection_id);
    },
  });
  const lookSoon = useDebouncedCallback((wish: Values) => look.mutate(wish), PAUSE_MS);

  const goOn = (connection: string) =>
    void navigate({ to: "/o/$org/connections/$connection", params: { org: slug, connection } });
  const change = (part: Partial<Values>) => {
    const now = { ...values, ...part };
    setValues(now);
    send.reset();
    if (worthAsking(now)) lookSoon(now);
    else look.reset();
  };

  const refused = send.data && isReport(send.data) ? send.data : undefined;
  const begun = send.data && !isReport(send.data) ? send.data : undefined;
  const report: Report | undefined = refused ?? look.data;
  const field = { report, looking: look.isPending };
  if (begun?.own_app) return <OwnAppMade made={begun.own_app} onDone={() => goOn(begun.connection_id)} />;

  return (
    <Page title={t("manual.title")} about={t("manual.about")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate(values);
        }}
      >
        <Stack gap="lg">
          <Part title={t("manual.token.part")} steps={t("manual.token.how")} picture={<TokenPicture />}>
            <ManualField
              name="token"
              label={t("manual.token.label")}
              secret
              value={values.token}
              onChange={(token) => change({ token })}
              {...field}
            />
            <Switch
              label={t("manual.own.switch")}
              description={t("manual.own.hint")}
              checked={values.own}
              onChange={(event) => change({ own: event.currentTarget.checked })}
            />
          </Part>
          <Part title={t("manual.ids.part")} steps={t("manual.ids.how")} picture={<NumbersPicture />}>
            <ManualField
              name="waba_id"
              label={t("manual.ids.account")}
              numeric
              value={values.waba_id}
              onChange={(waba_id) => change({ waba_id })}
              {...field}
            />
            <ManualField
              name="phone_number_id"
              label={t("manual.ids.number")}
              numeric
              value={values.phone_number_id}
              onChange={(phone_number_id) => change({ phone_number_id })}
              {...field}
            />
          </Part>
          {values.own && (
            <Part title={t("manual.own.part")} steps={t("manual.own.how")} picture={<AppPicture />}>
              <ManualField
                name="app"
                label={t("manual.own.id")}
                numeric
                value={values.app_id}
                onChange={(app_id) => change({ app_id })}
                {...field}
              />
              <ManualField
                name="app_secret"
                label={t("manual.own.secret")}
                secret
                value={values.app_secret}
                onChange={(app_secret) => change({ app_secret })}
                {...field}
              />
            </Part>
          )}
          <Verdict report={report} own={values.own} />
          <ProblemAlert error={look.error ?? send.error} />
          <Group>
            <Button type="submit" size="md" loading={send.isPending} disabled={!may("connections.write") || !report?.good}>
              {t("manual.send")}
            </Button>
            {report?.fields.some((one) => one.problem?.turn === "meta") && (
              <Button variant="default" size="md" loading={look.isPending} onClick={() => look.mutate(values)}>
                {t("manual.again")}
              </Button>
            )}
            <Text size="sm" c="dimmed" flex="1 1 240px">
              {may("connections.write") ? t("manual.promise") : t("mayNot")}
            </Text>
          </Group>
          <TesterGuide />
        </Stack>
      </form>
    </Page>
  );
}

interface PartProps {
  title: string;
  /** Where the values are found. */
  steps: string;
  picture: React.ReactNode;
  children: React.ReactNode;
}

function Part({ title, steps, picture, children }: PartProps) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Stack gap="md">
          <Title order={2} size="h4">
            {title}
          </Title>
          {children}
        </Stack>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {steps}
          </Text>
          {picture}
        </Stack>
      </SimpleGrid>
    </Card>
  );
}

/** What concerns no single field: whose app it is, and who receives the messages now. */
function Verdict({ report, own }: { report?: Report; own: boolean }) {
  const { t } = useTranslation("onboarding");
  const app = report?.fields.find((one) => one.field === "app");
  const webhook = report?.fields.find((one) => one.field === "webhook");
  return (
    <div role="status">
      <Stack gap="xs">
        {app && !app.good && !own && <Text size="sm">{t("manual.otherApp")}</Text>}
        {webhook?.warnings.includes("messages_go_to_another_address") && <Text size="sm">{t("manual.elsewhere")}</Text>}
        {webhook?.warnings.includes("another_app_receives_too") && <Text size="sm">{t("manual.alsoElsewhere")}</Text>}
        {report?.good && <Text fw={600}>{t("manual.good")}</Text>}
      </Stack>
    </div>
  );
}
