/** Every organisation of the installation. */
import { Badge } from "@mantine/core";
import { Building2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { EmptyState } from "@/ui/EmptyState";
import { Face } from "@/ui/Face";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { NewOrganisation } from "./NewOrganisation";
import { OrganisationMenu } from "./OrganisationMenu";
import { PasswordLink } from "./PasswordLink";
import { organisationsQuery } from "./queries";

export function OrganisationsPage() {
  const { t } = useTranslation("operator");
  const { items, more } = usePaged(organisationsQuery);
  return (
    <Page
      title={t("organisations.title")}
      about={t("organisations.about")}
      actions={
        <>
          <PasswordLink />
          <NewOrganisation />
        </>
      }
    >
      {items.length > 0 ? (
        <Rows label={t("organisations.title")}>
          {items.map((one) => (
            <OrganisationRow key={one.id} one={one} />
          ))}
        </Rows>
      ) : (
        <EmptyState icon={Building2} title={t("organisations.none")}>
          {t("organisations.noneDetail")}
        </EmptyState>
      )}
      {more}
    </Page>
  );
}

function OrganisationRow({ one }: { one: Schemas["Organisation"] }) {
  const { t } = useTranslation("operator");
  return (
    <Row
      mark={<Face name={one.name} square />}
      title={one.name}
      facts={
        <Facts>
          {[
            one.slug,
            one.country,
            <span key="since">
              {t("organisations.since")} <Time at={one.created_at} format="day" />
            </span>,
            one.operator_pays && t("organisations.operatorPays"),
          ]}
        </Facts>
      }
      actions={
        <>
          <Badge variant="light" color={one.status === "active" ? "sapa" : "orange"}>
            {t(`status.${one.status}`)}
          </Badge>
          {one.status !== "deleting" && <OrganisationMenu one={one} />}
        </>
      }
    />
  );
}
