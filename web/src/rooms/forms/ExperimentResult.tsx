/** What an experiment says, once it has ended: shares, differences, and how far either can be believed. */
import { Badge, Group, Table, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { locale } from "@/i18n/languages";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { percent, points } from "./percent";
import { adoptVersion, useDeed, versionsQuery, type Experiment, type Form } from "./queries";

type Outcome = Schemas["ArmOutcome"];

interface ExperimentResultProps {
  form: Form;
  experiment: Experiment;
  results: Outcome[];
}

export function ExperimentResult({ form, experiment, results }: ExperimentResultProps) {
  const { t } = useTranslation("forms");
  const versions = useSuspenseQuery(versionsQuery(useOrg(), form.id)).data.items;
  const differs = results.some(({ beside_first }) => beside_first?.differs);
  return (
    <>
      <Text fw={600}>{t(differs ? "result.differs" : "result.same")}</Text>
      <Table.ScrollContainer minWidth={640}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {(["version", "seen", "share", "difference", "p"] as const).map((head) => (
                <Table.Th key={head}>{t(`result.${head}`)}</Table.Th>
              ))}
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {results.map((result) => {
              const version = versions.find(({ id }) => id === result.version_id);
              const name = t("versions.name", { count: version?.ordinal ?? 0 });
              return <ResultRow key={result.version_id} form={form} experiment={experiment} result={result} name={name} />;
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" c="dimmed">
        {t("result.method")}
      </Text>
    </>
  );
}

function ResultRow({ form, experiment, result, name }: { form: Form; experiment: Experiment; result: Outcome; name: string }) {
  const { t, i18n } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const adopt = useDeed(adoptVersion(form.id, experiment.id));
  const { beside_first: beside, interval, share, seen, agreed } = result;
  const range = (low: string, high: string) => t("result.range", { low, high });
  const number = new Intl.NumberFormat(locale(i18n.language), { maximumSignificantDigits: 2 });
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td>{t("result.of", { agreed, seen })}</Table.Td>
      <Table.Td>
        {percent(share, i18n.language)} ({range(percent(interval.low, i18n.language), percent(interval.high, i18n.language))})
      </Table.Td>
      <Table.Td>
        {beside
          ? `${points(beside.difference, i18n.language)} (${range(points(beside.interval.low, i18n.language), points(beside.interval.high, i18n.language))})`
          : t("result.first")}
      </Table.Td>
      <Table.Td>{beside && (beside.p < 0.001 ? "< " + number.format(0.001) : number.format(beside.p))}</Table.Td>
      <Table.Td>
        {experiment.adopted_id === result.version_id ? (
          <Group>
            <Badge variant="light">
              {t("result.chosen")}
            </Badge>
          </Group>
        ) : (
          mayWrite && (
            <ConfirmButton
              title={t("result.choose")}
              effect={t("versions.useEffect", { name })}
              confirm={t("result.choose")}
              aria-label={t("result.chooseNamed", { name })}
              onConfirm={() => adopt.mutateAsync(result.version_id)}
            >
              {t("result.choose")}
            </ConfirmButton>
          )
        )}
      </Table.Td>
    </Table.Tr>
  );
}
