/** Updates of the organisation that were kept aside. */
import { Inbox } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { pagedQuery, usePaged } from "@/ui/Paged";
import { KeptRows, RetryAll, useKeptAnew } from "./KeptRows";

/** Nothing tells that something was kept: it is looked now and then while the page is open. */
const keptQuery = (org: string) => ({
  ...pagedQuery(["org", org, "kept"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/kept-updates", { params: { path: { org }, query: { after } } })),
  ),
  staleTime: 0,
  refetchInterval: 10_000,
});

export function KeptPage() {
  const { t } = useTranslation("settings");
  const org = useOrg();
  const mayRetry = useMay()("settings.write");
  const { items, more } = usePaged(keptQuery(org));
  const retry = (update: number) =>
    answer(api.POST("/api/v1/orgs/{org}/kept-updates/{update}/retry", { params: { path: { org, update } } }));
  const anew = useKeptAnew(keptQuery(org));
  return (
    <Page
      title={t("kept.title")}
      about={t("kept.about")}
      actions={mayRetry && items.length > 1 && <RetryAll updates={items} retry={retry} onDone={anew} />}
    >
      {items.length > 0 ? (
        <KeptRows updates={items} retry={mayRetry ? retry : undefined} onRetried={anew} />
      ) : (
        <EmptyState icon={Inbox} title={t("kept.none")}>
          {t("kept.noneDetail")}
        </EmptyState>
      )}
      {more}
    </Page>
  );
}
