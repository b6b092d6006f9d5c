/** The first page of an organisation: where it stands, and the next step. */
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { Page } from "@/ui/Page";

export function StartPage() {
  const { t } = useTranslation("start");
  const { name } = useMembership();
  return (
    <Page title={t("title", { name })} about={t("about")}>
      {null}
    </Page>
  );
}
