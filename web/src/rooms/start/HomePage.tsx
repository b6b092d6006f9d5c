/** `/`: on to the organisation, or the choice between several. */
import { Card, SimpleGrid, Text } from "@mantine/core";
import { Link, Navigate } from "@tanstack/react-router";
import { Building2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";

export function HomePage() {
  const { t } = useTranslation("start");
  const { organisations, person } = useMe();
  const [only] = organisations;
  if (!only && person.is_operator) return <Navigate to="/operator/organisations" replace />;
  if (only && organisations.length === 1) return <Navigate to="/o/$org" params={{ org: only.slug }} replace />;
  return (
    <Page title={t("home.title")}>
      {organisations.length === 0 && (
        <EmptyState icon={Building2} title={t("home.none")}>
          {t("home.noneDetail")}
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {organisations.map((one) => (
          <Card key={one.id} withBorder component={Link} to={`/o/${one.slug}`}>
            <Text fw={600}>{one.name}</Text>
            <Text size="sm" c="dimmed">
              {t(`role.${one.role}`, { ns: "app" })}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </Page>
  );
}
