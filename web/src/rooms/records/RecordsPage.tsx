/** What the organisation keeps of its business. */
import { Anchor, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileStack, Plus, Search } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { PagePending } from "@/ui/PageStates";
import { usePaged } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { dataOf, kindsQuery, recordsQuery, useFreshRecords, type BusinessRecord, type RecordKind } from "./queries";
import { RecordsTabs } from "./RecordsTabs";
import { shown } from "./values";

export function RecordsPage() {
  const { t } = useTranslation("records");
  const { slug } = useMembership();
  const mayWrite = useMay()("records.write");
  const { data: kinds } = useSuspenseQuery(kindsQuery(useOrg()));
  const [kind, setKind] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words.trim(), 300);
  useFreshRecords();
  const add = mayWrite && kinds.length > 0 && (
    <Button component={Link} to={`/o/${slug}/records/add`} leftSection={<Plus size={16} aria-hidden />}>
      {t("add.open")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} actions={add}>
      <RecordsTabs />
      {kinds.length === 0 ? (
        <EmptyState
          icon={FileStack}
          title={t("none.title")}
          action={
            mayWrite && (
              <Button mt="sm" component={Link} to={`/o/${slug}/records/kinds`}>
                {t("none.start")}
              </Button>
            )
          }
        >
          {t("none.detail")}
        </EmptyState>
      ) : (
        <Stack>
          <Group>
            <Select
              aria-label={t("kind")}
              placeholder={t("allKinds")}
              data={kinds.map((one) => ({ value: one.name, label: one.title }))}
              value={kind}
              onChange={setKind}
              clearable
            />
            <TextInput
              aria-label={t("search")}
              placeholder={t("search")}
              leftSection={<Search size={16} aria-hidden />}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
              flex={1}
            />
          </Group>
          <Suspense fallback={<PagePending />}>
            <RecordList kinds={kinds} kind={kind ?? undefined} q={q === "" ? undefined : q} />
          </Suspense>
        </Stack>
      )}
    </Page>
  );
}

function RecordList({ kinds, kind, q }: { kinds: readonly RecordKind[]; kind?: string; q?: string }) {
  const { t } = useTranslation("records");
  const { items, more } = usePaged(recordsQuery(useOrg(), { kind, q }));
  if (items.length === 0) {
    return (
      <EmptyState icon={FileStack} title={t(q || kind ? "notFound" : "noRecords")}>
        {t("noRecordsDetail")}
      </EmptyState>
    );
  }
  return (
    <>
      <Rows label={t("title")}>
        {items.map((record) => (
          <RecordRow key={record.id} record={record} kind={kinds.find((one) => one.id === record.record_kind_id)} />
        ))}
      </Rows>
      {more}
    </>
  );
}

/** What it is called, whom it is about, and the days in it. */
function RecordRow({ record, kind }: { record: BusinessRecord; kind?: RecordKind }) {
  const { i18n } = useTranslation("records");
  const { slug } = useMembership();
  const days = (kind?.fields ?? []).filter((field) => field.kind === "date" && dataOf(record)[field.key] !== undefined);
  return (
    <Row
      title={
        <Anchor component={Link} to={`/o/${slug}/records/${record.id}`} c="inherit" fw={600}>
          {record.external_id}
        </Anchor>
      }
      facts={
        <Facts>
          {[
            kind?.title,
            record.contact?.name,
            ...days.map((field) => `${field.label}: ${shown(field, dataOf(record)[field.key], i18n.language)}`),
          ]}
        </Facts>
      }
    />
  );
}
