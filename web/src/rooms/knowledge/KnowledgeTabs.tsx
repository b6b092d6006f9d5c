/** Sources, and what the AI makes of them. */
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { RoomTabs } from "@/ui/RoomTabs";

export function KnowledgeTabs() {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  return (
    <RoomTabs
      label={t("title")}
      tabs={[
        [`/o/${slug}/knowledge`, t("tabs.sources")],
        [`/o/${slug}/knowledge/test`, t("tabs.test")],
      ]}
    />
  );
}
