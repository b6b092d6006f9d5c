/** What people and operators did outside of organisations. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { AuditRows } from "@/rooms/settings/AuditRows";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { auditQuery, keysQuery, organisationsQuery } from "./queries";

export function OperatorAuditPage() {
  const { t } = useTranslation("operator");
  const { person } = useMe();
  const { items, more } = usePaged(auditQuery);
  const { items: organisations } = usePaged(organisationsQuery);
  const { data: keys } = useSuspenseQuery(keysQuery);
  const names = new Map([...organisations, ...keys, person].map((one) => [one.id, one.name]));
  return (
    <Page title={t("audit.title")} about={t("audit.about")}>
      {items.length > 0 ? (
        <AuditRows entries={items} names={names} />
      ) : (
        <EmptyState icon={History} title={t("audit.none")}>
          {t("audit.about")}
        </EmptyState>
      )}
      {more}
    </Page>
  );
}
