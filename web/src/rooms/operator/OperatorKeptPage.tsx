/** Updates that were kept aside, of every organisation and of none. */
import { Inbox } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { KeptRows, RetryAll, useKeptAnew } from "@/rooms/settings/KeptRows";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { keptQuery, organisationsQuery } from "./queries";

export function OperatorKeptPage() {
  const { t } = useTranslation("operator");
  const { items, more } = usePaged(keptQuery);
  const { items: organisations } = usePaged(organisationsQuery);
  const names = new Map(organisations.map((one) => [one.id, one.name]));
  const retry = (update: number) =>
    answer(api.POST("/api/v1/operator/kept-updates/{update}/retry", { params: { path: { update } } }));
  const anew = useKeptAnew(keptQuery);
  return (
    <Page
      title={t("kept.title")}
      about={t("kept.about")}
      actions={items.length > 1 && <RetryAll updates={items} retry={retry} onDone={anew} />}
    >
      {items.length > 0 ? (
        <KeptRows
          updates={items}
          retry={retry}
          onRetried={anew}
          withheld={t("kept.private")}
          owner={({ org_id }) => (org_id ? (names.get(org_id) ?? org_id) : t("kept.nobody"))}
        />
      ) : (
        <EmptyState icon={Inbox} title={t("kept.none")}>
          {t("kept.noneDetail")}
        </EmptyState>
      )}
      {more}
    </Page>
  );
}
