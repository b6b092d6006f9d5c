/** Records, their kinds, and where else they come from. */
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { RoomTabs } from "@/ui/RoomTabs";

export function RecordsTabs() {
  const { t } = useTranslation("records");
  const { slug } = useMembership();
  return (
    <RoomTabs
      label={t("title")}
      tabs={[
        [`/o/${slug}/records`, t("tabs.records")],
        [`/o/${slug}/records/kinds`, t("tabs.kinds")],
        [`/o/${slug}/records/imports`, t("tabs.imports")],
        [`/o/${slug}/records/connectors`, t("tabs.connectors")],
      ]}
    />
  );
}
