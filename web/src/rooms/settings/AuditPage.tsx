/** Who changed what in the organisation: found by who, what and when, and taken along as a table. */
import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { History } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useMembership } from "@/app/session";
import { keysQuery } from "@/rooms/identity/queries";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { pagedQuery, usePaged } from "@/ui/Paged";
import { PagePending } from "@/ui/PageStates";
import { AuditRows } from "./AuditRows";
import { beginningOf, NOUNS, type AuditFilter } from "./audit";

/** Read anew whenever the page is entered: nothing tells that it grew. */
const auditQuery = (org: string, filter: AuditFilter) => ({
  ...pagedQuery(["org", org, "audit", filter], (after) =>
    answer(api.GET("/api/v1/orgs/{org}/audit", { params: { path: { org }, query: { ...filter, after } } })),
  ),
  staleTime: 0,
});

export function AuditPage() {
  const { t } = useTranslation("settings");
  const { id: org } = useMembership();
  const { data: members } = useSuspenseQuery(membersQuery(org));
  const { data: keys } = useSuspenseQuery(keysQuery(org));
  const { of } = useSearch({ strict: false });
  const [chosen, setFilter] = useState<AuditFilter>({});
  const [target, setTarget] = useState(of ?? "");
  const [sought] = useDebouncedValue(target.trim(), 250);
  const filter = { ...chosen, target: sought || undefined };
  const names = new Map([...members, ...keys].map((one) => [one.id, one.name]));
  const people = [
    ...members.map((one) => ({ value: `member:${one.id}`, label: one.name })),
    ...keys.map((one) => ({ value: `key:${one.id}`, label: one.name })),
  ];
  const asked = new URLSearchParams(Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
  return (
    <Page
      title={t("audit.title")}
      about={t("audit.about")}
      actions={
        <Button component="a" variant="default" href={`/api/v1/orgs/${org}/audit/export?${asked.toString()}`} download>
          {t("audit.csv")}
        </Button>
      }
    >
      <Stack>
        <Group align="end">
          <Select
            flex="1 1 180px"
            label={t("audit.who")}
            placeholder={t("audit.any")}
            clearable
            searchable
            data={people}
            value={chosen.actor ?? null}
            onChange={(actor) => setFilter({ ...chosen, actor: actor ?? undefined })}
          />
          <Select
            flex="1 1 180px"
            label={t("audit.what")}
            placeholder={t("audit.any")}
            clearable
            data={NOUNS.map((value) => ({ value, label: t(`audit.noun.${value}`) }))}
            value={chosen.action ?? null}
            onChange={(action) => setFilter({ ...chosen, action: action ?? undefined })}
          />
          <TextInput
            flex="1 1 140px"
            type="date"
            label={t("audit.from")}
            onChange={(event) => setFilter({ ...chosen, since: beginningOf(event.currentTarget.value) })}
          />
          <TextInput
            flex="1 1 140px"
            type="date"
            label={t("audit.until")}
            onChange={(event) => setFilter({ ...chosen, until: beginningOf(event.currentTarget.value, 1) })}
          />
          <TextInput flex="2 1 220px" label={t("audit.target")} placeholder={t("audit.targetHint")} value={target} onChange={(event) => setTarget(event.currentTarget.value)} />
        </Group>
        <Suspense fallback={<PagePending />}>
          <Entries filter={filter} names={names} />
        </Suspense>
      </Stack>
    </Page>
  );
}

function Entries({ filter, names }: { filter: AuditFilter; names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation("settings");
  const { id: org, slug } = useMembership();
  const { items, more } = usePaged(auditQuery(org, filter));
  return (
    <>
      {items.length > 0 ? (
        <AuditRows entries={items} names={names} slug={slug} />
      ) : (
        <EmptyState icon={History} title={t("audit.none")}>
          {t("audit.noneDetail")}
        </EmptyState>
      )}
      {more}
    </>
  );
}
