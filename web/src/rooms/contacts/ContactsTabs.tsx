/** People, the files they came from, and what people asked for about themselves. */
import { useTranslation } from "react-i18next";
import { useMay, useMembership } from "@/app/session";
import { RoomTabs } from "@/ui/RoomTabs";

export function ContactsTabs() {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const mayAudit = useMay()("audit.read");
  return (
    <RoomTabs
      label={t("title")}
      tabs={[
        [`/o/${slug}/contacts`, t("tabs.people")],
        [`/o/${slug}/contacts/imports`, t("tabs.imports")],
        ...(mayAudit ? ([[`/o/${slug}/contacts/privacy`, t("tabs.privacy")]] as const) : []),
      ]}
    />
  );
}
