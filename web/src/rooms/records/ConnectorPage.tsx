/** Setting up a connection to Odoo: where, what, and which field of theirs is which of ours. */
import { Button, Group, PasswordInput, Select, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import type { Schemas } from "@/api/client";
import { useMembership, useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { FormActions } from "@/ui/FormActions";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { connectorsQuery, keepConnector, kindsQuery, tryConnector, useRecordDeed, type Connector } from "./queries";

/** What is typed. */
interface Typed {
  title: string;
  record_kind_id: string;
  api: Schemas["OdooApi"];
  url: string;
  database: string;
  login: string;
  key: string;
  model: string;
  domain: string;
  external_id: string;
  contact: string;
  phone: string;
  every_minutes: string;
  enabled: boolean;
  fields: Readonly<Record<string, string>>;
}

const OFTEN = ["15", "60", "360", "1440"] as const;

function typedOf(connector: Connector | undefined, kind: string): Typed {
  return {
    title: connector?.title ?? "Odoo",
    record_kind_id: connector?.record_kind_id ?? kind,
    // A newer Odoo is what whoever begins today most likely has.
    api: connector?.api ?? (connector ? "json_rpc" : "json_2"),
    url: connector?.url ?? "",
    database: connector?.database ?? "",
    login: connector?.login ?? "",
    key: "",
    model: connector?.model ?? "",
    domain: JSON.stringify(connector?.domain ?? []),
    external_id: connector?.external_id ?? "id",
    contact: connector?.contact ?? "partner_id",
    phone: connector?.phone ?? "phone",
    every_minutes: String(connector?.every_minutes ?? 60),
    enabled: connector?.enabled ?? true,
    fields: connector?.fields ?? {},
  };
}

/** The filter as JSON; `undefined`: it does not read. */
function domainOf(text: string): Schemas["NewConnector"]["domain"] | undefined {
  try {
    const read: unknown = JSON.parse(text.trim() || "[]");
    return Array.isArray(read) ? (read as Schemas["NewConnector"]["domain"]) : undefined;
  } catch {
    return undefined;
  }
}

function wishOf(typed: Typed): Schemas["NewConnector"] {
  return {
    title: typed.title,
    record_kind_id: typed.record_kind_id,
    api: typed.api,
    url: typed.url,
    database: typed.database,
    login: typed.api === "json_rpc" ? typed.login : "",
    key: typed.key || undefined,
    model: typed.model,
    domain: domainOf(typed.domain) ?? [],
    external_id: typed.external_id || "id",
    contact: typed.contact || undefined,
    phone: typed.phone || "phone",
    every_minutes: Number(typed.every_minutes),
    enabled: typed.enabled,
    fields: Object.fromEntries(Object.entries(typed.fields).filter(([, theirs]) => theirs.trim() !== "")),
  };
}

export function ConnectorPage() {
  const { t } = useTranslation("records");
  const org = useOrg();
  const { slug } = useMembership();
  const navigate = useNavigate();
  const { connector: id = "new" } = useParams({ strict: false });
  const { data: connectors } = useSuspenseQuery(connectorsQuery(org));
  const { data: kinds } = useSuspenseQuery(kindsQuery(org));
  const known = connectors.find((one) => one.id === id);
  const [typed, setTyped] = useState(() => typedOf(known, kinds[0]?.id ?? ""));
  const keep = useRecordDeed(keepConnector(known?.id));
  const attempt = useMutation({ mutationFn: () => tryConnector(org, { ...wishOf(typed), connector_id: known?.id }) });
  const there = `/o/${slug}/records/connectors`;
  const kind = kinds.find((one) => one.id === typed.record_kind_id);
  const isWrong = domainOf(typed.domain) === undefined;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isWrong) keep.mutate(wishOf(typed), { onSuccess: () => void navigate({ to: there }) });
  };
  const failed = keep.error ?? attempt.error;
  const wrong = failed instanceof ApiProblem ? failed.fields : {};
  const field = (name: keyof Omit<Typed, "fields" | "enabled" | "api">, more: object = {}) => ({
    label: t(`connector.${name}`),
    value: typed[name],
    error: wrong[name],
    onChange: (event: { currentTarget: { value: string } }) => setTyped({ ...typed, [name]: event.currentTarget.value }),
    ...more,
  });
  return (
    <Page title={t(known ? "connector.change" : "connectors.add")} about={t("connector.about")} up={{ to: there, label: t("tabs.connectors") }} width={720}>
      <form onSubmit={send}>
        <Stack>
          <ProblemAlert error={Object.keys(wrong).length > 0 ? null : failed} />
          <Section title={t("connector.where")}>
            <TextInput {...field("title")} required withAsterisk={false} />
            <TextInput {...field("url")} placeholder="https://toko.odoo.com" type="url" required withAsterisk={false} />
            <Select
              label={t("connector.api")}
              data={(["json_2", "json_rpc"] as const).map((value) => ({ value, label: t(`odooApi.${value}`) }))}
              value={typed.api}
              onChange={(value) => value && setTyped({ ...typed, api: value })}
              allowDeselect={false}
            />
            <TextInput {...field("database")} required withAsterisk={false} />
            {typed.api === "json_rpc" && <TextInput {...field("login")} required withAsterisk={false} autoComplete="off" />}
            <PasswordInput {...field("key")} description={t(known ? "connector.keyKept" : "connector.keyHint")} autoComplete="new-password" />
          </Section>
          <Section title={t("connector.what")}>
            <TextInput {...field("model")} placeholder="sale.order" required withAsterisk={false} />
            <TextInput {...field("domain")} description={t("connector.domainHint")} error={isWrong ? t("connector.domainWrong") : wrong.domain} />
            <Select
              label={t("kind")}
              data={kinds.map((one) => ({ value: one.id, label: one.title }))}
              value={typed.record_kind_id}
              onChange={(value) => value && setTyped({ ...typed, record_kind_id: value })}
              allowDeselect={false}
            />
            <TextInput {...field("external_id")} description={t("connector.external_idHint")} />
            <TextInput {...field("contact")} description={t("connector.contactHint")} />
            <TextInput {...field("phone")} description={t("connector.phoneHint")} />
            {(kind?.fields ?? []).map((one) => (
              <TextInput
                key={one.key}
                label={t("connector.field", { name: one.label })}
                value={typed.fields[one.key] ?? ""}
                error={wrong[`fields.${one.key}`]}
                onChange={(event) => setTyped({ ...typed, fields: { ...typed.fields, [one.key]: event.currentTarget.value } })}
              />
            ))}
          </Section>
          <Section title={t("connector.when")}>
            <Select
              label={t("connector.every_minutes")}
              data={OFTEN.map((value) => ({ value, label: t(`often.${value}`) }))}
              value={typed.every_minutes}
              onChange={(value) => value && setTyped({ ...typed, every_minutes: value })}
              allowDeselect={false}
            />
            <Switch
              label={t("connector.enabled")}
              checked={typed.enabled}
              onChange={(event) => setTyped({ ...typed, enabled: event.currentTarget.checked })}
            />
          </Section>
          {attempt.data && <Tried tried={attempt.data} />}
          <Group justify="space-between">
            <Button variant="default" loading={attempt.isPending} disabled={isWrong} onClick={() => attempt.mutate()}>
              {t("connector.try")}
            </Button>
            <FormActions pending={keep.isPending} onCancel={() => void navigate({ to: there })} />
          </Group>
        </Stack>
      </form>
    </Page>
  );
}

/** What came of trying: the first records, or what stands in the way. */
function Tried({ tried }: { tried: Schemas["Tried"] }) {
  const { t } = useTranslation("records");
  const say = useSay();
  if (tried.problem) return <Notice tone="bad" role="alert">{say(tried.problem.detail)}</Notice>;
  const columns = Object.keys(tried.records[0] ?? {});
  if (columns.length === 0) return <Notice tone="warn" role="status">{t("connector.triedNone")}</Notice>;
  return (
    <Notice tone="good" role="status" title={t("connector.tried")}>
      <Table.ScrollContainer minWidth={300}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column}>{column}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tried.records.map((record, at) => (
              <Table.Tr key={at}>
                {columns.map((column) => (
                  <Table.Td key={column}>
                    <Text size="sm">{(record as Readonly<Record<string, string>>)[column]}</Text>
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Notice>
  );
}
