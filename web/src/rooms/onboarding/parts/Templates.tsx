/** An account's message templates as Meta has them, and reading them anew. */
import { Badge, Button, Group, Stack, Text, Title, type MantineColor } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { useLanguageName } from "@/i18n/languageName";
import { useSay } from "@/i18n/sentence";
import { ProblemAlert } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { templatesQuery } from "../queries";

const STATES = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "PENDING_DELETION", "LIMIT_EXCEEDED"] as const;
type State = (typeof STATES)[number];
const CATEGORIES = ["UTILITY", "MARKETING", "AUTHENTICATION"] as const;
type Category = (typeof CATEGORIES)[number];

const COLOURS: Partial<Record<State, MantineColor>> = { APPROVED: "sapa", PENDING: "yellow", IN_APPEAL: "yellow", REJECTED: "red" };

export function Templates({ account, usable }: { account: string; usable: boolean }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const org = useOrg();
  const may = useMay();
  const queries = useQueryClient();
  const { data } = useSuspenseQuery(templatesQuery(org, account));
  const sync = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/orgs/{org}/accounts/{account}/templates/sync", { params: { path: { org, account } } }),
      ),
    onSuccess: () => queries.invalidateQueries(templatesQuery(org, account)),
  });
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h4">
            {t("templates.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("templates.about")}
          </Text>
        </div>
        {usable && may("connections.write") && (
          <Button
            variant="default"
            leftSection={<RefreshCw size={16} aria-hidden />}
            loading={sync.isPending}
            onClick={() => sync.mutate()}
          >
            {t("templates.sync")}
          </Button>
        )}
      </Group>
      <div role="status">
        <ProblemAlert error={sync.error} />
        {sync.data?.problem && (
          <Text c="error" size="sm">
            {say(sync.data.problem.sentence)} {say(sync.data.problem.action)}
          </Text>
        )}
        {typeof sync.data?.templates === "number" && (
          <Text size="sm">{t("templates.read", { count: sync.data.templates })}</Text>
        )}
      </div>
      {data.items.length === 0 ? (
        <Text c="dimmed">{t("templates.none")}</Text>
      ) : (
        <Rows label={t("templates.title")}>
          {data.items.map((template) => (
            <OneTemplate key={template.id} template={template} />
          ))}
        </Rows>
      )}
    </Stack>
  );
}

function OneTemplate({ template }: { template: Schemas["Template"] }) {
  const { t } = useTranslation("onboarding");
  const languageName = useLanguageName();
  const state = STATES.find((one) => one === template.status);
  const category = CATEGORIES.find((one) => one === template.category) satisfies Category | undefined;
  return (
    <Row
      title={template.name}
      facts={
        <Facts>
          {[
            languageName(template.language),
            category ? t(`templates.category.${category}`) : template.category,
            <Time key="time" at={template.synced_at} />,
            template.rejected_reason !== "NONE" && template.rejected_reason,
          ]}
        </Facts>
      }
      actions={
        <Badge variant="light" color={(state && COLOURS[state]) ?? "gray"}>
          {state ? t(`templates.state.${state}`) : template.status}
        </Badge>
      }
    />
  );
}
