/** To whom a notification goes: which contacts, or whom which records are about. */
import { ActionIcon, Button, Group, MultiSelect, Select, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { contactLabelsQuery } from "@/rooms/inbox/queries";
import type { Field } from "@/rooms/records/queries";
import type { Draft, Match } from "./draft";

interface PartProps {
  draft: Draft;
  onChange: (some: Partial<Draft>) => void;
}

export function Contacts({ draft, onChange }: PartProps) {
  const { t } = useTranslation("notifications");
  const { data: labels = [] } = useQuery(contactLabelsQuery(useOrg()));
  return (
    <>
      <MultiSelect
        label={t("to.labels")}
        description={t("to.labelsHint")}
        data={labels}
        value={[...draft.labels]}
        onChange={(value) => onChange({ labels: value })}
        searchable
      />
      <Switch label={t("to.optedIn")} checked={draft.optedIn} onChange={(event) => onChange({ optedIn: event.currentTarget.checked })} />
    </>
  );
}

/** What has to stand in the records: all of it. */
export function Matches({ draft, fields, onChange }: PartProps & { fields: readonly Field[] }) {
  const { t } = useTranslation("notifications");
  const change = (place: number, some: Partial<Match>) =>
    onChange({ matches: draft.matches.map((one, at) => (at === place ? { ...one, ...some } : one)) });
  return (
    <>
      {draft.matches.map((match, place) => (
        <MatchFields
          key={place}
          n={place + 1}
          match={match}
          fields={fields}
          onChange={(some) => change(place, some)}
          onRemove={() => onChange({ matches: draft.matches.filter((_, at) => at !== place) })}
        />
      ))}
      {fields.length > 0 && draft.matches.length < 10 && (
        <Button
          variant="default"
          size="xs"
          style={{ alignSelf: "flex-start" }}
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => onChange({ matches: [...draft.matches, { field: fields[0]?.key ?? "", text: "", not: false }] })}
        >
          {t("match.add")}
        </Button>
      )}
    </>
  );
}

interface MatchProps {
  n: number;
  match: Match;
  fields: readonly Field[];
  onChange: (some: Partial<Match>) => void;
  onRemove: () => void;
}

function MatchFields({ n, match, fields, onChange, onRemove }: MatchProps) {
  const { t } = useTranslation("notifications");
  const kind = fields.find((field) => field.key === match.field)?.kind;
  return (
    <Group gap="xs" align="flex-end">
      <Select
        flex={1}
        miw={140}
        aria-label={t("match.field", { n })}
        data={fields.map((field) => ({ value: field.key, label: field.label }))}
        value={match.field}
        onChange={(field) => field && onChange({ field, text: fields.find((one) => one.key === field)?.kind === "flag" ? "true" : "" })}
        allowDeselect={false}
      />
      <Select
        w={120}
        aria-label={t("match.is", { n })}
        data={[
          { value: "is", label: t("match.equal") },
          { value: "not", label: t("match.unequal") },
        ]}
        value={match.not ? "not" : "is"}
        onChange={(value) => onChange({ not: value === "not" })}
        allowDeselect={false}
      />
      {kind === "flag" ? (
        <Select
          flex={1}
          miw={100}
          aria-label={t("match.value", { n })}
          data={[
            { value: "true", label: t("match.yes") },
            { value: "false", label: t("match.no") },
          ]}
          value={match.text === "false" ? "false" : "true"}
          onChange={(text) => text && onChange({ text })}
          allowDeselect={false}
        />
      ) : (
        <TextInput
          flex={1}
          miw={120}
          type={kind === "date" ? "date" : "text"}
          inputMode={kind === "number" || kind === "money" ? "decimal" : undefined}
          aria-label={t("match.value", { n })}
          value={match.text}
          onChange={(event) => onChange({ text: event.currentTarget.value })}
        />
      )}
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("match.remove", { n })} onClick={onRemove}>
        <Trash2 size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
