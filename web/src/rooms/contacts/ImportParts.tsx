/** What pages of files share, whether contacts or records stand in them. */
import { Anchor, Badge, Button, Group, Progress, Select, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { given } from "./plan";
import { reportFile, rowsToldOfQuery, type Import } from "./queries";

/** What can be read. */
export const READABLE = ".csv,.tsv,.txt,.xlsx,.xls,.ods";

interface ColumnsProps<Field extends string> {
  one: Schemas["ImportDetail"];
  choices: readonly { value: Field; label: string }[];
  columns: readonly (Field | null)[];
  onChange: (columns: (Field | null)[]) => void;
}

/** Each column with what stands in it, and what it is. */
export function Columns<Field extends string>({ one, choices, columns, onChange }: ColumnsProps<Field>) {
  const { t } = useTranslation("contacts");
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table aria-label={t("plan.title")} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("plan.column")}</Table.Th>
            <Table.Th>{t("plan.sample")}</Table.Th>
            <Table.Th w={240}>{t("plan.field")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {one.headings.map((heading, place) => (
            <Table.Tr key={heading}>
              <Table.Td fw={600}>{heading}</Table.Td>
              <Table.Td c="dimmed">{one.sample.map((row) => row.cells[place]).filter(Boolean).slice(0, 3).join(" · ")}</Table.Td>
              <Table.Td>
                <Select
                  aria-label={t("plan.fieldOf", { heading })}
                  placeholder={t("plan.leaveOut")}
                  clearable
                  data={choices}
                  value={columns[place] ?? null}
                  onChange={(field) => onChange(given(columns, place, field))}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** A file in a list of them. */
export function ImportRow({ one, to, about }: { one: Import; to: string; about?: string }) {
  const { t } = useTranslation("contacts");
  const { tally } = one;
  return (
    <Row
      title={
        <Anchor component={Link} to={to} c="inherit" fw={600}>
          {one.file_name}
        </Anchor>
      }
      facts={
        <Facts>
          {[
            about,
            <Time key="when" at={one.created_at} />,
            t("imports.rows", { count: one.rows }),
            one.state === "done" && t("imports.became", { new: tally.new, updated: tally.updated }),
          ]}
        </Facts>
      }
      actions={
        <Group gap="xs">
          <Badge variant="light" color={one.state === "done" ? "sapa" : "gray"} fw={500} autoContrast>
            {t(`imports.state.${one.state}`)}
          </Badge>
        </Group>
      }
    />
  );
}

/** How far it is; nobody has to wait here. */
export function UnderWay({ one, onStop }: { one: Import; onStop: () => Promise<unknown> }) {
  const { t } = useTranslation("contacts");
  const { new: added, updated, unchanged, faulty, suppressed } = one.tally;
  const gone = added + updated + unchanged + faulty + suppressed;
  const share = one.rows > 0 ? (100 * gone) / one.rows : 0;
  const title = t(one.state === "checking" ? "underWay.checking" : "underWay.running");
  return (
    <Section title={title} about={t("underWay.about")}>
      <Progress.Root size="lg">
        <Progress.Section value={share} aria-label={title} />
      </Progress.Root>
      <Group justify="space-between">
        <Text size="sm" aria-live="polite">
          {t("underWay.rows", { gone, rows: one.rows })}
        </Text>
        <ConfirmButton title={t("underWay.stop")} effect={t("underWay.stopEffect")} confirm={t("underWay.stop")} onConfirm={onStop}>
          {t("underWay.stop")}
        </ConfirmButton>
      </Group>
    </Section>
  );
}

const WORDS = ["new", "updated", "unchanged", "faulty", "suppressed", "opt_out_wins"] as const;
const OF_PEOPLE = ["renamed", "twice"] as const;

/** How many rows came, or would come, to what. */
export function Tally({ one, would = false }: { one: Import; would?: boolean }) {
  const { t } = useTranslation("contacts");
  const context = would ? "would" : undefined;
  const named = (word: (typeof WORDS)[number]) =>
    one.record_kind_id ? { title: t(`recordTally.${word}`), facts: t(`recordTallyHint.${word}`, { context }) } : { title: t(`tally.${word}`), facts: t(`tallyHint.${word}`, { context }) };
  return (
    <Rows label={t("check.title")}>
      {WORDS.filter((word) => one.tally[word] > 0 || word === "new").map((word) => (
        <Row key={word} {...named(word)} actions={<Text fw={600}>{one.tally[word]}</Text>} />
      ))}
      {OF_PEOPLE.filter((word) => one.tally[word] > 0).map((word) => (
        <Row key={word} title={t(`tally.${word}`)} facts={t(`tallyHint.${word}`)} actions={<Text fw={600}>{one.tally[word]}</Text>} />
      ))}
    </Rows>
  );
}

/** The rows with mistakes, to be mended. */
export function Faults({ one }: { one: Import }) {
  const { t } = useTranslation("contacts");
  return <RowsToldOf one={one} which="faulty" title={t("faults.title", { count: one.tally.faulty })} about={t("faults.about")} />;
}

/** The rows that are taken although something about them may surprise. */
export function Noted({ one }: { one: Import }) {
  const { t } = useTranslation("contacts");
  return <RowsToldOf one={one} which="noted" title={t("noted.title")} about={t("noted.about")} />;
}

interface RowsToldOfProps {
  one: Import;
  which: "faulty" | "noted";
  title: string;
  about: string;
}

/** The first of such rows, and all of them as a file. */
function RowsToldOf({ one, which, title, about }: RowsToldOfProps) {
  const { t, i18n } = useTranslation("contacts");
  const org = useOrg();
  const say = useSay();
  const { data } = useQuery(rowsToldOfQuery(org, one.id, which));
  return (
    <Section title={title} about={about}>
      <Group>
        <Button component="a" variant="default" href={reportFile(org, one.id, i18n.language, which === "noted")} download>
          {t("faults.report")}
        </Button>
      </Group>
      <Rows label={title}>
        {(data?.items ?? []).map((row) => (
          <Row
            key={row.number}
            title={t("faults.row", { number: row.number })}
            facts={row.faults
              .map((fault) => [fault.column !== null && fault.column !== undefined ? `${one.headings[fault.column] ?? ""}: ` : "", say(fault.sentence)].join(""))
              .join(" ")}
          />
        ))}
      </Rows>
    </Section>
  );
}
