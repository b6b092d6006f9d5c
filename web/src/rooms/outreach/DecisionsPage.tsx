/** Every template to a contact: what was decided and why, and what became of it. */
import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Download, Scale } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { Filters } from "./Filters";
import { OutreachRows } from "./OutreachRows";
import { outreachQuery, useFreshDecisions } from "./queries";
import { exportAddress, type Shown } from "./shown";

export function DecisionsPage() {
  const { t } = useTranslation("outreach");
  const { id: org } = useMembership();
  const mayExport = useMay()("audit.read");
  const [shown, setShown] = useState<Shown>({});
  const [settled] = useDebouncedValue(shown, 250);
  useFreshDecisions();
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
      <Filters shown={shown} onChange={setShown} />
      <Suspense>
        <Found shown={settled} />
      </Suspense>
    </Page>
  );
}

function Found({ shown }: { shown: Shown }) {
  const { t } = useTranslation("outreach");
  const { id: org, slug } = useMembership();
  const { items, more } = usePaged(outreachQuery(org, shown));
  const isNarrowed = Object.values(shown).some(Boolean);
  return (
    <>
      {items.length > 0 ? (
        <OutreachRows rows={items} slug={slug} />
      ) : (
        <EmptyState icon={Scale} title={t(isNarrowed ? "noneFits" : "none")}>
          {t(isNarrowed ? "noneFitsDetail" : "noneDetail")}
        </EmptyState>
      )}
      {more}
    </>
  );
}
