/** `/o/$org/readiness`: what has to be in place for WhatsApp, each item looked at as the page opens. */
import { Stack } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Checklist, LookAgain } from "./parts/Checklist";
import { organisationQuery, readinessQuery, useFreshOnboarding } from "./queries";

export function ReadinessPage() {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const may = useMay();
  const queries = useQueryClient();
  useFreshOnboarding();
  const { data, isFetching, refetch } = useSuspenseQuery(readinessQuery(org));
  // Only what changes is sent, so that two people may tick at once.
  const tick = useMutation({
    mutationFn: ({ code, ticked }: { code: string; ticked: boolean }) =>
      answer(
        api.PATCH("/api/v1/orgs/{org}", {
          params: { path: { org } },
          body: { settings: { at_hand: { [code]: ticked } } as never },
        }),
      ),
    onSuccess: (organisation) => {
      queries.setQueryData(organisationQuery(org).queryKey, organisation);
      return queries.invalidateQueries(readinessQuery(org));
    },
  });
  return (
    <Page
      title={t("readiness.title")}
      about={t("readiness.about")}
      actions={<LookAgain pending={isFetching} onClick={() => void refetch()} />}
      width={820}
    >
      <Stack>
        <ProblemAlert error={tick.error} />
        <Checklist
          items={data.items}
          onTick={may("settings.write") ? (code, ticked) => tick.mutate({ code, ticked }) : undefined}
        />
      </Stack>
    </Page>
  );
}
