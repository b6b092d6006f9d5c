/** The first page of an organisation: where it stands, the next step, and what happened today. */
import { Anchor, Group, Stack } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { Checklist } from "./Checklist";
import { Numbers } from "./Numbers";
import { doneOf, nextOf } from "./progress";
import { useFacts, useFreshStart } from "./queries";
import { Today } from "./Today";
import { Tour, useTour } from "./Tour";

export function StartPage() {
  const { t } = useTranslation("start");
  const { name } = useMembership();
  useFreshStart();
  const facts = useFacts();
  const done = doneOf(facts);
  const next = nextOf(done);
  const tour = useTour();
  const list = useList(next !== null);
  return (
    <Page title={t("title", { name })} about={next ? t(`about.${next}`) : t("about.done")} width={820}>
      <Stack gap="xl">
        <Tour tour={tour} />
        {done.write && <Today facts={facts} />}
        {list.shown && <Checklist facts={facts} done={done} next={next} onClose={list.close} />}
        {done.write && <Numbers facts={facts} />}
        {!tour.shown && (
          <Group>
            <Anchor component="button" type="button" size="sm" onClick={tour.begin}>
              {t("tour.again")}
            </Anchor>
          </Group>
        )}
      </Stack>
    </Page>
  );
}

/** The list stands until somebody who saw it unfinished puts it away: the last tick is there to be seen. */
function useList(isOpen: boolean) {
  const [kept, setKept] = useLocalStorage({ key: `sapa.start.${useOrg()}`, defaultValue: false, getInitialValueInEffect: false });
  useEffect(() => {
    if (isOpen) setKept(true);
  }, [isOpen, setKept]);
  return { shown: isOpen || kept, close: isOpen ? undefined : () => setKept(false) };
}
