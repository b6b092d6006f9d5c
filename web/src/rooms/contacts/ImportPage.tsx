/** One file: which column is what, what would happen, and what happened. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { Faults, Noted, Tally, UnderWay } from "./ImportParts";
import { ImportPlan } from "./ImportPlan";
import { importQuery, useFreshImports, useImportDeed } from "./queries";

export function ImportPage() {
  const { t } = useTranslation("contacts");
  const { slug } = useMembership();
  const { import: id = "" } = useParams({ strict: false });
  const { data: one } = useSuspenseQuery(importQuery(useOrg(), id));
  const [isPlanning, setPlanning] = useState(false);
  const deed = useImportDeed(id);
  useFreshImports();
  const asks = one.state === "uploaded" || (isPlanning && one.state === "checked");
  return (
    <Page
      title={one.file_name}
      up={{ to: `/o/${slug}/contacts/imports`, label: t("imports.title") }}
      about={
        <Facts>
          {[t("imports.rows", { count: one.rows }), one.sheet && t("imports.sheet", { sheet: one.sheet }), <Time key="when" at={one.created_at} />]}
        </Facts>
      }
    >
      <Stack gap="lg">
        <ProblemAlert error={deed.error} />
        {asks && <ImportPlan one={one} deed={deed} onSent={() => setPlanning(false)} />}
        {(one.state === "checking" || one.state === "running") && <UnderWay one={one} onStop={() => deed.mutateAsync("cancel")} />}
        {one.state === "checked" && !asks && (
          <Section title={t("check.title")} about={t("check.about")}>
            <Tally one={one} would />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setPlanning(true)}>
                {t("check.back")}
              </Button>
              <Button loading={deed.isPending} disabled={one.tally.new + one.tally.updated === 0} onClick={() => deed.mutate("run")}>
                {t("check.run", { count: one.tally.new + one.tally.updated })}
              </Button>
            </Group>
          </Section>
        )}
        {one.state === "done" && (
          <Section title={t("done.title")}>
            <Tally one={one} />
            <Group justify="flex-end">
              <TakeBack onTakeBack={() => deed.mutateAsync("undo")} />
              <Button component={Link} to={`/o/${slug}/contacts`}>
                {t("done.see")}
              </Button>
            </Group>
          </Section>
        )}
        {one.state === "cancelled" && <Notice title={t("cancelled.title")}>{t("cancelled.detail")}</Notice>}
        {one.state === "cancelled" && one.tally.new + one.tally.updated > 0 && (
          <Group justify="flex-end">
            <TakeBack onTakeBack={() => deed.mutateAsync("undo")} />
          </Group>
        )}
        {(one.state === "undoing" || one.state === "undone") && (
          <Section title={t(`undo.${one.state}`)} about={t("undo.about")}>
            <Rows label={t(`undo.${one.state}`)}>
              {(["removed", "kept"] as const).map((word) => (
                <Row key={word} title={t(`undo.${word}`)} facts={t(`undo.${word}Hint`)} actions={<Text fw={600}>{one.tally[word]}</Text>} />
              ))}
            </Rows>
          </Section>
        )}
        {(one.state === "checked" || one.state === "done") && (
          <>
            {one.tally.faulty > 0 && <Faults one={one} />}
            {one.tally.renamed + one.tally.twice + one.tally.opt_out_wins > 0 && <Noted one={one} />}
          </>
        )}
      </Stack>
    </Page>
  );
}

/** Takes an import back, once it is clear what that means. */
function TakeBack({ onTakeBack }: { onTakeBack: () => Promise<unknown> }) {
  const { t } = useTranslation("contacts");
  return (
    <ConfirmButton size="sm" title={t("undo.title")} effect={t("undo.effect")} confirm={t("undo.confirm")} danger onConfirm={onTakeBack}>
      {t("undo.button")}
    </ConfirmButton>
  );
}
