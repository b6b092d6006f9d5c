/** What Meta and people changed about a number, newest first. */
import { Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { usePaged } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { partsOf, people, wordOf } from "./facts";
import { changesQuery, type NumberChange, type NumberField, type PhoneNumber } from "./queries";

/** What one may look for alone. */
const FIELDS = ["quality", "messaging_limit", "throughput", "status", "wanted_name_status", "username", "profile", "pin"] as const;

/** What somebody wrote, which is no word of Meta's whatever it says. */
const NAMES: ReadonlySet<NumberField> = new Set<NumberField>(["verified_name", "wanted_name", "username"]);

export function Changes({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation("numbers");
  const [field, setField] = useState<NumberField | null>(null);
  return (
    <Section title={t("changes.title")} about={t("changes.about")}>
      <Stack>
        <Select
          label={t("changes.show")}
          data={FIELDS.map((value) => ({ value, label: t(`field.${value}`) }))}
          placeholder={t("changes.everything")}
          value={field}
          onChange={(value) => setField(value)}
          clearable
          maw={320}
        />
        <ChangeRows key={field} number={number} field={field ?? undefined} />
      </Stack>
    </Section>
  );
}

function ChangeRows({ number, field }: { number: PhoneNumber; field?: NumberField }) {
  const { t } = useTranslation("numbers");
  const { items, more } = usePaged(changesQuery(useOrg(), number.id, field));
  if (items.length === 0) return <Text c="dimmed">{t("changes.none")}</Text>;
  return (
    <>
      <Rows label={t("changes.title")}>
        {items.map((change) => (
          <ChangeRow key={change.id} change={change} />
        ))}
      </Rows>
      {more}
    </>
  );
}

function ChangeRow({ change }: { change: NumberChange }) {
  const { t } = useTranslation("numbers");
  return (
    <Row
      title={t(`field.${change.field}`)}
      facts={<Facts>{[<Time key="at" at={change.at} />, t(`source.${change.source}`)]}</Facts>}
    >
      <Text size="sm">
        <Difference change={change} />
      </Text>
    </Row>
  );
}

function Difference({ change }: { change: NumberChange }) {
  const { t, i18n } = useTranslation("numbers");
  const say = (value?: string | null) => {
    if (!value) return t("changes.nothing");
    if (change.field === "messaging_limit") {
      const count = people(value);
      return count === undefined ? t("changes.unlimited") : t("usage.limit", { value: new Intl.NumberFormat(i18n.language).format(count) });
    }
    if (change.field === "official") return t(value === "true" ? "changes.yes" : "changes.no");
    if (NAMES.has(change.field)) return value;
    const inWords = (one: string) => {
      const word = wordOf(one);
      return word ? t(`word.${word}`) : one;
    };
    return value.split(", ").map(inWords).join(", ");
  };
  if (change.field === "pin") return t(change.new === "here" ? "changes.pinHere" : "changes.pinElsewhere");
  if (change.field === "profile") return partsOf(change).map((part) => t(`part.${part as "about"}`)).join(", ");
  return (
    <>
      {say(change.old)} → <b>{say(change.new)}</b>
    </>
  );
}
