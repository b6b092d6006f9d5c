/** Forms, and links that begin conversations. */
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { RoomTabs } from "@/ui/RoomTabs";

export function CollectingTabs() {
  const { t } = useTranslation("forms");
  const { slug } = useMembership();
  return (
    <RoomTabs
      label={t("title")}
      tabs={[
        [`/o/${slug}/forms`, t("tabs.forms")],
        [`/o/${slug}/links`, t("tabs.links")],
      ]}
    />
  );
}
