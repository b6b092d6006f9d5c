/** Adding a record by hand. */
import { Select, Stack, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useMembership, useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { kindsQuery, putRecord, useRecordDeed, type Field } from "./queries";
import { typed } from "./values";

export function AddRecordPage() {
  const { t } = useTranslation("records");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const { data: kinds } = useSuspenseQuery(kindsQuery(useOrg()));
  const [name, setName] = useState(kinds[0]?.name ?? "");
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const put = useRecordDeed(putRecord);
  const kind = kinds.find((one) => one.name === name);
  const there = `/o/${slug}/records`;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const data = Object.fromEntries((kind?.fields ?? []).map((field) => [field.key, typed(field, said[`data.${field.key}`] ?? "")]));
    const phone = said["contact.phone"]?.trim();
    const contact = phone ? { phone, name: said["contact.name"] } : undefined;
    put.mutate(
      { kind: name, external_id: said.external_id ?? "", contact, data },
      { onSuccess: (record) => void navigate({ to: `${there}/${record.id}` }) },
    );
  };
  const wrong = put.error instanceof ApiProblem ? put.error.fields : {};
  const field = (path: string, label: string, more: object = {}) => (
    <TextInput
      key={path}
      label={label}
      value={said[path] ?? ""}
      error={wrong[path]}
      onChange={(event) => setSaid({ ...said, [path]: event.currentTarget.value })}
      {...more}
    />
  );
  const input = (one: Field) => ({ type: one.kind === "date" ? "date" : "text", inputMode: one.kind === "money" || one.kind === "number" ? "decimal" : undefined });
  return (
    <Page title={t("add.title")} about={t("add.about")} up={{ to: there, label: t("title") }} width={640}>
      <form onSubmit={send}>
        <Stack>
          <ProblemAlert error={Object.keys(wrong).length > 0 ? null : put.error} />
          <Select
            label={t("kind")}
            data={kinds.map((one) => ({ value: one.name, label: one.title }))}
            value={name}
            onChange={(value) => value && setName(value)}
            allowDeselect={false}
          />
          {field("external_id", t("externalId"), { description: t("externalIdHint"), required: true, withAsterisk: false, maxLength: 200 })}
          {field("contact.phone", t("phone"), { description: t("phoneHint"), type: "tel" })}
          {field("contact.name", t("name"))}
          {(kind?.fields ?? []).map((one) => field(`data.${one.key}`, one.label, input(one)))}
          <FormActions pending={put.isPending} onCancel={() => void navigate({ to: there })} />
        </Stack>
      </form>
    </Page>
  );
}
