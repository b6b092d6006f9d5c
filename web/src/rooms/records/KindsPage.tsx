/** The kinds of records that the organisation has, and their fields. */
import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { FileStack, Plus, Trash2 } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { keyOf } from "./keys";
import { keepKind, kindsQuery, removeKind, useFreshRecords, useRecordDeed, type Field, type RecordKind } from "./queries";
import { RecordsTabs } from "./RecordsTabs";

const KINDS = ["text", "date", "money", "number", "flag"] as const;

export function KindsPage() {
  const { t } = useTranslation("records");
  const mayWrite = useMay()("records.write");
  const { data: kinds } = useSuspenseQuery(kindsQuery(useOrg()));
  const [edited, setEdited] = useState<RecordKind | "new" | null>(null);
  const remove = useRecordDeed(removeKind);
  useFreshRecords();
  const add = mayWrite && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setEdited("new")}>
      {t("kinds.add")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("kinds.about")} actions={kinds.length > 0 && add}>
      <RecordsTabs />
      {kinds.length === 0 ? (
        <EmptyState icon={FileStack} title={t("none.title")} action={add}>
          {t("none.detail")}
        </EmptyState>
      ) : (
        <Rows label={t("tabs.kinds")}>
          {kinds.map((kind) => (
            <Row
              key={kind.id}
              title={kind.title}
              facts={<Facts>{[t("count", { count: kind.records }), kind.fields.map((field) => field.label).join(", ")]}</Facts>}
              actions={
                mayWrite && (
                  <>
                    <Button variant="default" size="xs" onClick={() => setEdited(kind)}>
                      {t("edit")}
                    </Button>
                    {kind.records === 0 && (
                      <ConfirmButton
                        title={t("remove.title", { name: kind.title })}
                        effect={t("kinds.removeEffect")}
                        confirm={t("remove.confirm")}
                        danger
                        onConfirm={() => remove.mutateAsync(kind.id)}
                      >
                        {t("remove.open")}
                      </ConfirmButton>
                    )}
                  </>
                )
              }
            />
          ))}
        </Rows>
      )}
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        size="lg"
        title={t(edited === "new" ? "kinds.add" : "kinds.edit")}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        {edited !== null && <KindForm kind={edited === "new" ? null : edited} onDone={() => setEdited(null)} />}
      </Modal>
    </Page>
  );
}

function KindForm({ kind, onDone }: { kind: RecordKind | null; onDone: () => void }) {
  const { t } = useTranslation("records");
  const [title, setTitle] = useState(kind?.title ?? "");
  const [fields, setFields] = useState<readonly Field[]>(kind?.fields ?? [{ key: "", label: "", kind: "date" }]);
  const keep = useRecordDeed(keepKind(kind?.id));
  const change = (at: number, field: Partial<Field>) => setFields(fields.map((one, n) => (n === at ? { ...one, ...field } : one)));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const taken = kind?.fields.map((field) => field.key) ?? [];
    const named = fields
      .filter((field) => field.label.trim() !== "")
      .reduce<Field[]>((before, field) => {
        const key = field.key || keyOf(field.label, [...taken, ...before.map((one) => one.key)]);
        return [...before, { ...field, key, currency: field.kind === "money" ? (field.currency ?? "IDR") : undefined }];
      }, []);
    keep.mutate({ name: kind?.name ?? keyOf(title, []), title, fields: named }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <ProblemAlert error={keep.error} />
        <TextInput
          label={t("kinds.name")}
          description={t("kinds.nameHint")}
          maxLength={80}
          required
          withAsterisk={false}
          data-autofocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Text fw={600} size="sm">
          {t("kinds.fields")}
        </Text>
        {fields.map((field, at) => (
          <Group key={at} wrap="nowrap" align="flex-end">
            <TextInput
              flex={1}
              aria-label={t("kinds.field", { n: at + 1 })}
              placeholder={t("kinds.fieldHint")}
              maxLength={80}
              value={field.label}
              onChange={(event) => change(at, { label: event.currentTarget.value })}
            />
            <Select
              w={150}
              aria-label={t("kinds.fieldKind", { n: at + 1 })}
              data={KINDS.map((value) => ({ value, label: t(`fieldKind.${value}`) }))}
              value={field.kind}
              onChange={(value) => value && change(at, { kind: value })}
              allowDeselect={false}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t("kinds.removeField", { name: field.label || at + 1 })}
              onClick={() => setFields(fields.filter((_, n) => n !== at))}
            >
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setFields([...fields, { key: "", label: "", kind: "text" }])}
        >
          {t("kinds.addField")}
        </Button>
        <FormActions pending={keep.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
