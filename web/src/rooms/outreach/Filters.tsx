/** Narrows the decisions down. The usual ones are always there; the others when somebody asks for them. */
import { Button, Collapse, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { numbersQuery, peopleQuery } from "./queries";
import { CHANNELS, OUTCOMES, PURPOSES, REASONS, VERDICTS, type Shown } from "./shown";

interface FiltersProps {
  shown: Shown;
  onChange: (shown: Shown) => void;
}

const COLUMNS = { base: 1, xs: 2, md: 4 };

export function Filters({ shown, onChange }: FiltersProps) {
  const { t } = useTranslation("outreach");
  const [opened, { toggle }] = useDisclosure();
  const numbers = useQuery(numbersQuery(useOrg())).data ?? [];
  const change = (part: Shown) => onChange({ ...shown, ...part });
  const choice = { placeholder: t("filter.all"), clearable: true, searchable: true };
  return (
    <div>
      <SimpleGrid cols={COLUMNS} mb="sm">
        <Select
          {...choice}
          label={t("filter.verdict")}
          data={VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`) }))}
          value={shown.verdict ?? null}
          onChange={(value) => change({ verdict: VERDICTS.find((one) => one === value) })}
        />
        <Select
          {...choice}
          label={t("filter.reason")}
          data={REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))}
          value={shown.reason ?? null}
          onChange={(value) => change({ reason: REASONS.find((one) => one === value) })}
        />
        <Select
          {...choice}
          label={t("filter.outcome")}
          data={OUTCOMES.map((value) => ({ value, label: t(`outcome.${value}`) }))}
          value={shown.outcome ?? null}
          onChange={(value) => change({ outcome: OUTCOMES.find((one) => one === value) })}
        />
        <Person value={shown.contact} onChange={(contact) => change({ contact })} />
      </SimpleGrid>
      <Button size="xs" variant="subtle" leftSection={<SlidersHorizontal size={14} aria-hidden />} onClick={toggle} aria-expanded={opened} mb="md">
        {t(opened ? "filter.fewer" : "filter.more")}
      </Button>
      <Collapse expanded={opened}>
        <SimpleGrid cols={COLUMNS} mb="md">
          <Select
            {...choice}
            label={t("filter.purpose")}
            data={PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
            value={shown.purpose ?? null}
            onChange={(value) => change({ purpose: PURPOSES.find((one) => one === value) })}
          />
          <Select
            {...choice}
            label={t("filter.channel")}
            data={CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))}
            value={shown.channel ?? null}
            onChange={(value) => change({ channel: CHANNELS.find((one) => one === value) })}
          />
          <Select
            {...choice}
            label={t("filter.number")}
            data={numbers.map(({ id, display }) => ({ value: id, label: display }))}
            value={shown.number ?? null}
            onChange={(value) => change({ number: value ?? undefined })}
          />
          <TextInput
            label={t("filter.template")}
            placeholder={t("filter.anyTemplate")}
            value={shown.template ?? ""}
            onChange={(event) => change({ template: event.currentTarget.value })}
          />
          <TextInput type="date" label={t("filter.from")} value={shown.from ?? ""} max={shown.until} onChange={(event) => change({ from: event.currentTarget.value })} />
          <TextInput type="date" label={t("filter.until")} value={shown.until ?? ""} min={shown.from} onChange={(event) => change({ until: event.currentTarget.value })} />
        </SimpleGrid>
      </Collapse>
    </div>
  );
}

/** A contact, found by name or number. */
function Person({ value, onChange }: { value?: string; onChange: (contact?: string) => void }) {
  const { t } = useTranslation("outreach");
  const [words, setWords] = useState("");
  const [typed] = useDebouncedValue(words.trim(), 250);
  const [chosen, setChosen] = useState<{ value: string; label: string }>();
  const found = useQuery(peopleQuery(useOrg(), typed)).data?.items ?? [];
  const people = found.map(({ id, display_name }) => ({ value: id, label: display_name }));
  const data = chosen && !people.some((one) => one.value === chosen.value) ? [chosen, ...people] : people;
  return (
    <Select
      label={t("filter.person")}
      placeholder={t("filter.anybody")}
      clearable
      searchable
      data={data}
      // The server has looked through names and numbers.
      filter={({ options }) => options}
      searchValue={words}
      onSearchChange={setWords}
      nothingFoundMessage={t("filter.nobody")}
      value={value ?? null}
      onChange={(id, option) => {
        setChosen(option ?? undefined);
        onChange(id ?? undefined);
      }}
    />
  );
}
