/** When a notification goes out: what makes it, by whose clock, from when to when. */
import { Group, NumberInput, Radio, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useOrgZone } from "@/app/useOrgZone";
import { zoneName } from "@/i18n/zoneName";
import type { Field } from "@/rooms/records/queries";
import { timeZones } from "@/rooms/settings/places";
import { Section } from "@/ui/Section";
import { firstDay, type Draft } from "./draft";

interface WhenProps {
  draft: Draft;
  fields: readonly Field[];
  onChange: (some: Partial<Draft>) => void;
  problem: (path: string) => string | undefined;
}

export function When({ draft, fields, onChange, problem }: WhenProps) {
  const { t, i18n } = useTranslation("notifications");
  const zones = useMemo(() => timeZones(i18n.language, draft.zone), [i18n.language, draft.zone]);
  // Days from and until are written by the clock of whoever writes them.
  const here = zoneName(undefined, i18n.language);
  const orgZone = useOrgZone();
  const days = fields.filter((field) => field.kind === "date");
  return (
    <Section title={t("when.title")}>
      <Radio.Group value={draft.when} onChange={(value) => onChange({ when: value })} error={problem("definition.trigger")}>
        <Stack gap="xs">
          <Radio value="date" label={t("when.date")} disabled={draft.kind === "" || days.length === 0} />
          <Radio value="cron" label={t("when.times")} />
          <Radio value="call" label={t("when.call")} description={t("when.callHint")} />
        </Stack>
      </Radio.Group>
      {draft.when === "date" && draft.kind !== "" && (
        <Group align="flex-end">
          <NumberInput label={t("when.days")} w={90} min={0} max={3650} value={draft.days} onChange={(value) => onChange({ days: Number(value) || 0 })} />
          <Select
            aria-label={t("when.side")}
            w={170}
            data={(["before", "after"] as const).map((value) => ({ value, label: t(`side.${value}`) }))}
            value={draft.side}
            onChange={(value) => value && onChange({ side: value })}
            allowDeselect={false}
          />
          <Select
            aria-label={t("when.field")}
            flex={1}
            miw={160}
            data={days.map((field) => ({ value: field.key, label: field.label }))}
            value={draft.field || firstDay(days)}
            error={problem("definition.trigger.field")}
            onChange={(value) => value && onChange({ field: value })}
            allowDeselect={false}
          />
          <TextInput label={t("when.at")} type="time" required withAsterisk={false} w={130} value={draft.at} onChange={(event) => onChange({ at: event.currentTarget.value })} />
        </Group>
      )}
      {draft.when === "cron" && (
        <TextInput
          label={t("when.pattern")}
          description={t("when.patternHint")}
          value={draft.pattern}
          onChange={(event) => onChange({ pattern: event.currentTarget.value })}
        />
      )}
      {draft.when !== "call" && (
        <>
          <Select
            label={t("when.zone")}
            placeholder={orgZone ? t("when.zoneUsual", { zone: zoneName(orgZone, i18n.language) }) : undefined}
            data={zones}
            searchable
            clearable
            value={draft.zone || null}
            error={problem("definition.time_zone")}
            onChange={(zone) => onChange({ zone: zone ?? "" })}
          />
          {draft.when === "date" && (
            <Switch
              label={t("when.ownClock")}
              description={t("when.ownClockHint")}
              checked={draft.ownClock}
              onChange={(event) => onChange({ ownClock: event.currentTarget.checked })}
            />
          )}
          <Group grow align="flex-start">
            <TextInput label={t("when.from")} description={t("when.fromHint", { here })} type="datetime-local" value={draft.from} onChange={(event) => onChange({ from: event.currentTarget.value })} />
            <TextInput
              label={t("when.until")}
              description={t("when.untilHint", { here })}
              type="datetime-local"
              value={draft.until}
              error={problem("definition.ends_at")}
              onChange={(event) => onChange({ until: event.currentTarget.value })}
            />
          </Group>
        </>
      )}
    </Section>
  );
}
