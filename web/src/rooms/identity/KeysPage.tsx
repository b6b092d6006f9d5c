/** Keys by which programs use the API. */
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { KeyRows } from "./KeyRows";
import { MakeKey } from "./MakeKey";
import { keysQuery } from "./queries";

export function KeysPage() {
  const { t } = useTranslation("identity");
  const org = useOrg();
  const queries = useQueryClient();
  const mayWrite = useMay()("members.write");
  const { data: keys } = useSuspenseQuery(keysQuery(org));
  const anew = () => queries.invalidateQueries(keysQuery(org));
  const revoke = async (key: string) => {
    await answer(api.DELETE("/api/v1/orgs/{org}/keys/{key}", { params: { path: { org, key } } }));
    await anew();
  };
  const make = mayWrite && <MakeKey onMade={anew} />;
  return (
    <Page title={t("keys.title")} about={t("keys.about")} actions={make}>
      {keys.length > 0 ? (
        <KeyRows keys={keys} revoke={mayWrite ? revoke : undefined} />
      ) : (
        <EmptyState icon={KeyRound} title={t("keys.none")}>
          {t("keys.noneDetail")}
        </EmptyState>
      )}
    </Page>
  );
}
