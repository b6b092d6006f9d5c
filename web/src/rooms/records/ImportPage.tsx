/** One file of records: which column is what, what would happen, and what happened. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMembership, useOrg } from "@/app/session";
import { Columns, Faults, Tally, UnderWay } from "@/rooms/contacts/ImportParts";
import { importQuery, useFreshImports, useImportDeed } from "@/rooms/contacts/queries";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Facts } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { kindsQuery } from "./queries";

const PERSON = ["contact.phone", "contact.name", "contact.email", "contact.reference", "contact.language"] as const;

export function ImportPage() {
  const { t } = useTranslation(["contacts", "records"]);
  const { slug } = useMembership();
  const { import: id = "" } = useParams({ strict: false });
  const org = useOrg();
  const { data: one } = useSuspenseQuery(importQuery(org, id));
  const { data: kinds } = useSuspenseQuery(kindsQuery(org));
  const kind = kinds.find((kind) => kind.id === one.record_kind_id);
  const [isPlanning, setPlanning] = useState(false);
  const deed = useImportDeed(id);
  useFreshImports();
  const asks = one.state === "uploaded" || (isPlanning && one.state === "checked");
  const some = one.tally.new + one.tally.updated;
  return (
    <Page
      title={one.file_name}
      up={{ to: `/o/${slug}/records/imports`, label: t("records:tabs.imports") }}
      about={<Facts>{[kind?.title, t("imports.rows", { count: one.rows }), one.sheet && t("imports.sheet", { sheet: one.sheet }), <Time key="when" at={one.created_at} />]}</Facts>}
    >
      <Stack gap="lg">
        <ProblemAlert error={deed.error} />
        {asks && <Plan one={one} fields={kind?.fields ?? []} deed={deed} onSent={() => setPlanning(false)} />}
        {(one.state === "checking" || one.state === "running") && <UnderWay one={one} onStop={() => deed.mutateAsync("cancel")} />}
        {one.state === "checked" && !asks && (
          <Section title={t("check.title")} about={t("check.about")}>
            <Tally one={one} would />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setPlanning(true)}>
                {t("check.back")}
              </Button>
              <Button loading={deed.isPending} disabled={some === 0} onClick={() => deed.mutate("run")}>
                {t("records:imports.run", { count: some })}
              </Button>
            </Group>
          </Section>
        )}
        {one.state === "done" && (
          <Section title={t("done.title")}>
            <Tally one={one} />
            <Group justify="flex-end">
              <Button component={Link} to={`/o/${slug}/records`}>
                {t("records:imports.see")}
              </Button>
            </Group>
          </Section>
        )}
        {one.state === "cancelled" && <Notice title={t("cancelled.title")}>{t("cancelled.detail")}</Notice>}
        {one.tally.faulty > 0 && (one.state === "checked" || one.state === "done") && <Faults one={one} />}
      </Stack>
    </Page>
  );
}

interface PlanProps {
  one: Schemas["ImportDetail"];
  fields: Schemas["RecordKind"]["fields"];
  deed: ReturnType<typeof useImportDeed>;
  onSent: () => void;
}

/** Which column of the file is what. */
function Plan({ one, fields, deed, onSent }: PlanProps) {
  const { t } = useTranslation(["contacts", "records"]);
  const [columns, setColumns] = useState<(string | null)[]>(() => one.record_columns.map((column) => column ?? null));
  const choices = [
    { value: "external_id", label: t("records:imports.column.external_id") },
    ...fields.map((field) => ({ value: `data.${field.key}`, label: field.label })),
    ...PERSON.map((value) => ({ value, label: t(`records:imports.column.${value}`) })),
  ];
  const hasId = columns.includes("external_id");
  return (
    <Section title={t("plan.title")} about={t("plan.about")}>
      <Columns one={one} choices={choices} columns={columns} onChange={setColumns} />
      {!hasId && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {t("records:imports.noId")}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {t("records:imports.stays")}
      </Text>
      <Group justify="flex-end">
        <Button disabled={!hasId} loading={deed.isPending} onClick={() => deed.mutate({ checkRecords: { columns } }, { onSuccess: onSent })}>
          {t("plan.check")}
        </Button>
      </Group>
    </Section>
  );
}
