/** `/operator/readiness`: what has to be in place at Meta and here before organisations can connect. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { Code, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";
import { Checklist, LookAgain } from "./parts/Checklist";
import { operatorReadinessQuery } from "./queries";

export function OperatorReadinessPage() {
  const { t } = useTranslation("onboarding");
  const { data, isFetching, refetch } = useSuspenseQuery(operatorReadinessQuery);
  return (
    <Page
      title={t("readiness.operatorTitle")}
      about={t("readiness.operatorAbout")}
      actions={<LookAgain pending={isFetching} onClick={() => void refetch()} />}
      width={820}
    >
      <Checklist items={data.items} />
      <Text size="sm" c="dimmed" mt="lg">
        {t("readiness.doctor")} <Code>sapa doctor</Code>
      </Text>
    </Page>
  );
}
