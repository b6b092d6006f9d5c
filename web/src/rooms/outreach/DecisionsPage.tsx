/** Every template to a contact: what was decided and why, and what became of it. */
import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Download, Scale } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { OutreachRows } from "./OutreachRows";
import { exportAddress, outreachQuery, type Shown, type Verdict } from "./queries";

const VERDICTS: readonly Verdict[] = ["send", "wait", "fall_back", "refuse"];

export function DecisionsPage() {
  const { t } = useTranslation("outreach");
  const { id: org } = useMembership();
  const mayExport = useMay()("audit.read");
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [template, setTemplate] = useState("");
  const [typed] = useDebouncedValue(template.trim(), 300);
  const shown = { verdict, template: typed };
  return (
    <Page
      title={t("title")}
      about={t("about")}
      actions={
        mayExport && (
          <Button component="a" href={exportAddress(org, shown)} variant="default" leftSection={<Download size={16} aria-hidden />}>
            {t("export")}
          </Button>
        )
      }
    >
      <Group mb="md" align="end">
        <Select
          label={t("filter.verdict")}
          placeholder={t("filter.all")}
          clearable
          data={VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`) }))}
          value={verdict}
          onChange={(value) => setVerdict(VERDICTS.find((one) => one === value) ?? null)}
        />
        <TextInput
          label={t("filter.template")}
          placeholder={t("filter.anyTemplate")}
          value={template}
          onChange={(event) => setTemplate(event.currentTarget.value)}
        />
      </Group>
      <Suspense>
        <Found shown={shown} />
      </Suspense>
    </Page>
  );
}

function Found({ shown }: { shown: Shown }) {
  const { t } = useTranslation("outreach");
  const { id: org, slug } = useMembership();
  const { items, more } = usePaged(outreachQuery(org, shown));
  return (
    <>
      {items.length > 0 ? (
        <OutreachRows rows={items} slug={slug} />
      ) : (
        <EmptyState icon={Scale} title={t("none")}>
          {t("noneDetail")}
        </EmptyState>
      )}
      {more}
    </>
  );
}
