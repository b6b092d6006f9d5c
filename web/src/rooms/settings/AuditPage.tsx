/** Who changed what in the organisation. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useMembership } from "@/app/session";
import { keysQuery } from "@/rooms/identity/queries";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { pagedQuery, usePaged } from "@/ui/Paged";
import { AuditRows } from "./AuditRows";

/** Read anew whenever the page is entered: nothing tells that it grew. */
const auditQuery = (org: string) => ({
  ...pagedQuery(["org", org, "audit"], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/audit", { params: { path: { org }, query: { after } } })),
  ),
  staleTime: 0,
});

export function AuditPage() {
  const { t } = useTranslation("settings");
  const { id: org, slug } = useMembership();
  const { items, more } = usePaged(auditQuery(org));
  const { data: members } = useSuspenseQuery(membersQuery(org));
  const { data: keys } = useSuspenseQuery(keysQuery(org));
  const names = new Map([...members, ...keys].map((one) => [one.id, one.name]));
  return (
    <Page title={t("audit.title")} about={t("audit.about")}>
      {items.length > 0 ? (
        <AuditRows entries={items} names={names} slug={slug} />
      ) : (
        <EmptyState icon={History} title={t("audit.none")}>
          {t("audit.noneDetail")}
        </EmptyState>
      )}
      {more}
    </Page>
  );
}
