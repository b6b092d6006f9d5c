/** Every queue that has work, and how long its oldest job has waited. */
import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Section } from "@/ui/Section";
import { lasting } from "./health";

const COUNTS = ["due", "waiting", "running", "dead"] as const;

export function HealthQueues({ queues }: { queues: readonly Schemas["QueueHealth"][] }) {
  const { t, i18n } = useTranslation("operator");
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <Section title={t("health.queues.title")} about={t("health.queues.about")}>
      {queues.length > 0 ? (
        <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} role="group" aria-label={t("health.queues.table")}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t("health.queues.queue")}</Table.Th>
                {COUNTS.map((count) => (
                  <Table.Th key={count} scope="col" ta="end">
                    {t(`health.queues.${count}`)}
                  </Table.Th>
                ))}
                <Table.Th scope="col" ta="end">
                  {t("health.queues.oldest")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {queues.map((queue) => (
                <Table.Tr key={queue.queue}>
                  <Table.Th scope="row" fw={500}>
                    {queue.queue}
                  </Table.Th>
                  {COUNTS.map((count) => (
                    <Table.Td key={count} ta="end">
                      {number.format(queue[count])}
                    </Table.Td>
                  ))}
                  <Table.Td ta="end">
                    {queue.oldest_due_seconds == null ? "–" : lasting(queue.oldest_due_seconds, i18n.language)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : (
        <Text>{t("health.queues.none")}</Text>
      )}
    </Section>
  );
}
