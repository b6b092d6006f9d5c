/** Being called while no page is open: on this device, by each organisation. */
import { Alert } from "@mantine/core";
import { Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { obstacle } from "./browser";
import { OrgAlerts } from "./OrgAlerts";

export function Alerts() {
  const { t } = useTranslation("alerts");
  const { organisations } = useMe();
  const hindered = obstacle();
  if (organisations.length === 0) return null;
  return (
    <Section title={t("title")} about={t("about")}>
      {hindered && (
        <Alert color={hindered === "denied" ? "orange" : "gray"} icon={<Info size={18} aria-hidden />} title={t(`obstacle.${hindered}.title`)}>
          {t(`obstacle.${hindered}.detail`)}
        </Alert>
      )}
      <Rows label={t("title")}>
        {organisations.map((one) => (
          <OrgAlerts key={one.id} membership={one} canTurnOn={!hindered} />
        ))}
      </Rows>
    </Section>
  );
}
