/** Which column of a file is what, and what the member declares of everybody in it. */
import { Button, Checkbox, Collapse, Group, Stack, Switch, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { contactLabelsQuery } from "@/rooms/inbox/queries";
import { Section } from "@/ui/Section";
import { Columns } from "./ImportParts";
import { FIELDS } from "./plan";
import type { useImportDeed, ImportField } from "./queries";

const PURPOSES = ["utility", "marketing", "authentication"] as const;

interface ImportPlanProps {
  one: Schemas["ImportDetail"];
  deed: ReturnType<typeof useImportDeed>;
  onSent: () => void;
}

export function ImportPlan({ one, deed, onSent }: ImportPlanProps) {
  const { t } = useTranslation("contacts");
  const { data: known = [] } = useQuery(contactLabelsQuery(useOrg()));
  const [columns, setColumns] = useState<(ImportField | null)[]>(() => one.columns.map((column) => column ?? null));
  const [labels, setLabels] = useState<string[]>([]);
  const [declares, setDeclares] = useState(false);
  const [purposes, setPurposes] = useState<string[]>(["utility"]);
  const [how, setHow] = useState("");
  const [wording, setWording] = useState("");
  const hasPhone = columns.includes("phone");
  const declared = declares ? { purposes: purposes as Schemas["Purpose"][], how: how.trim(), wording: wording.trim() || null } : null;
  const isWhole = hasPhone && (!declared || (declared.how.length >= 3 && declared.purposes.length > 0));
  return (
    <Stack gap="lg">
      <Section title={t("plan.title")} about={t("plan.about")}>
        <Columns one={one} choices={FIELDS.map((value) => ({ value, label: t(`field.${value}`) }))} columns={columns} onChange={setColumns} />
        {!hasPhone && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {t("plan.noPhone")}
          </Text>
        )}
        <TagsInput label={t("plan.labels")} description={t("plan.labelsHint")} data={known} acceptValueOnBlur value={labels} onChange={setLabels} />
      </Section>
      <Section title={t("declare.title")} about={t("declare.about")}>
        <Switch label={t("declare.switch")} checked={declares} onChange={(event) => setDeclares(event.currentTarget.checked)} />
        <Collapse expanded={declares}>
          <Stack>
            <Checkbox.Group label={t("declare.purposes")} value={purposes} onChange={setPurposes}>
              <Group mt="xs">
                {PURPOSES.map((purpose) => (
                  <Checkbox key={purpose} value={purpose} label={t(`purpose.${purpose}`)} />
                ))}
              </Group>
            </Checkbox.Group>
            <TextInput label={t("declare.how")} description={t("declare.howHint")} required={declares} maxLength={1000} value={how} onChange={(event) => setHow(event.currentTarget.value)} />
            <Textarea label={t("declare.wording")} description={t("declare.wordingHint")} autosize minRows={2} maxLength={2000} value={wording} onChange={(event) => setWording(event.currentTarget.value)} />
          </Stack>
        </Collapse>
      </Section>
      <Group justify="flex-end">
        <Button disabled={!isWhole} loading={deed.isPending} onClick={() => deed.mutate({ check: { columns, labels, declared } }, { onSuccess: onSent })}>
          {t("plan.check")}
        </Button>
      </Group>
    </Stack>
  );
}
