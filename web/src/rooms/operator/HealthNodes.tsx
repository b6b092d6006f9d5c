/** The processes that serve the installation: what runs there, since when, and which are missed. */
import { Badge, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { lasting } from "./health";

const COLOURS: Record<Schemas["NodeState"], string> = { serving: "green", leaving: "yellow", gone: "red" };

export function HealthNodes({ nodes, at }: { nodes: readonly Schemas["NodeHealth"][]; at: number }) {
  const { t, i18n } = useTranslation("operator");
  return (
    <Section title={t("health.nodes.title")} about={t("health.nodes.about")}>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="group" aria-label={t("health.nodes.table")}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("health.nodes.node")}</Table.Th>
              <Table.Th scope="col">{t("health.nodes.state")}</Table.Th>
              <Table.Th scope="col">{t("health.nodes.version")}</Table.Th>
              <Table.Th scope="col">{t("health.nodes.started")}</Table.Th>
              <Table.Th scope="col" ta="end">
                {t("health.nodes.seen")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {nodes.map((node) => (
              <Table.Tr key={node.name}>
                <Table.Th scope="row" fw={500}>
                  {node.name}
                  {node.answered && (
                    <Text span size="sm" c="dimmed" display="block">
                      {t("health.nodes.answered")}
                    </Text>
                  )}
                </Table.Th>
                <Table.Td>
                  <Badge variant="light" color={COLOURS[node.state]}>
                    {t(`health.nodes.states.${node.state}`)}
                  </Badge>
                </Table.Td>
                <Table.Td>{node.version}</Table.Td>
                <Table.Td>
                  <Time at={node.started_at} />
                </Table.Td>
                <Table.Td ta="end">
                  {t("health.nodes.ago", { time: lasting(Math.max(0, Math.floor((at - node.seen_at) / 1e6)), i18n.language) })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
