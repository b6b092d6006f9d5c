/** One form: its words, how it is shared, what people sent, experiments, settings. */
import { Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMembership, useOrg } from "@/app/session";
import { Page } from "@/ui/Page";
import { Experiments } from "./Experiments";
import { FormSettings } from "./FormSettings";
import { FormState } from "./FormsPage";
import { SentList } from "./SentList";
import { ShareForm } from "./ShareForm";
import { Versions } from "./Versions";
import { WordsEditor } from "./WordsEditor";
import { formQuery, useFreshForms } from "./queries";

export function FormPage() {
  const { t } = useTranslation("forms");
  const { slug } = useMembership();
  const { form: id = "" } = useParams({ strict: false });
  const form = useSuspenseQuery(formQuery(useOrg(), id)).data;
  useFreshForms();
  return (
    <Page title={form.name} up={{ to: `/o/${slug}/forms`, label: t("title") }} actions={<FormState form={form} />} width={1100}>
      <Tabs defaultValue={form.version ? "share" : "words"} keepMounted={false}>
        <Tabs.List mb="md">
          {(["words", "share", "sent", "experiments", "settings"] as const).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`form.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="words">
          <WordsEditor key={form.version?.id} form={form} />
          <Versions form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="share">
          <ShareForm form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="sent">
          <SentList form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="experiments">
          <Experiments form={form} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <FormSettings form={form} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
