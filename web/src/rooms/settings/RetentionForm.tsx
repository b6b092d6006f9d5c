/** How long the organisation keeps what, and what would go now. */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { retentionQuery, useKeep, type Keeping, type RetentionRule } from "./queries";

/** How many days may be chosen. */
const CHOICES: Record<keyof Keeping, readonly number[]> = {
  conversations: [30, 90, 180, 365, 730, 1825],
  outreach: [90, 180, 365, 730, 1825],
  notifications: [365, 730, 1825, 3650],
  audit: [365, 730, 1825, 3650],
};

export function RetentionForm({ mayWrite }: { mayWrite: boolean }) {
  const { data, error } = useQuery(retentionQuery(useOrg(), {}));
  if (error) return <ProblemAlert error={error} />;
  if (!data) return null;
  return <Loaded key={JSON.stringify(data.items.map((rule) => rule.days))} rules={data.items} mayWrite={mayWrite} />;
}

function Loaded({ rules, mayWrite }: { rules: readonly RetentionRule[]; mayWrite: boolean }) {
  const { t } = useTranslation("settings");
  const org = useOrg();
  const said = Object.fromEntries(rules.map((rule) => [rule.what, rule.days ?? null])) as Keeping;
  const [wish, setWish] = useState(said);
  const { data: tried } = useQuery(retentionQuery(org, wish));
  const keep = useKeep();
  const save = () => keep.mutateAsync(wish, { onSuccess: () => tellDone(t("saved")) });
  const isChanged = rules.some((rule) => (rule.days ?? null) !== wish[rule.what]);
  const deletesMore = rules.some((rule) => wish[rule.what] !== null && wish[rule.what] !== (rule.days ?? null));
  return (
    <Section title={t("retention.title")} about={t("retention.about")}>
      <Stack>
        <ProblemAlert error={keep.error} />
        {rules.map(({ what }) => {
          const due = tried?.items.find((rule) => rule.what === what)?.due ?? 0;
          const days = [...new Set([...CHOICES[what], ...(said[what] === null ? [] : [said[what]])])].sort((one, other) => one - other);
          return (
            <div key={what}>
              <Select
                label={t(`retention.${what}`)}
                description={t(`retention.${what}Hint`)}
                data={[{ value: "", label: t("retention.forever") }, ...days.map((count) => ({ value: String(count), label: t("retention.days", { count }) }))]}
                allowDeselect={false}
                disabled={!mayWrite}
                value={wish[what] === null ? "" : String(wish[what])}
                onChange={(value) => setWish({ ...wish, [what]: value ? Number(value) : null })}
              />
              {wish[what] !== null && (
                <Text size="sm" c="dimmed" mt={4} aria-live="polite">
                  {due > 0 ? t("retention.due", { count: due }) : t("retention.nothingDue")}
                </Text>
              )}
            </div>
          );
        })}
        {mayWrite && (
          <Group justify="flex-end">
            {deletesMore ? (
              <ConfirmButton title={t("retention.sure")} effect={t("retention.sureEffect")} confirm={t("retention.confirm")} danger onConfirm={save} size="sm" variant="filled">
                {t("save", { ns: "app" })}
              </ConfirmButton>
            ) : (
              <Button disabled={!isChanged} loading={keep.isPending} onClick={() => void save()}>
                {t("save", { ns: "app" })}
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Section>
  );
}
