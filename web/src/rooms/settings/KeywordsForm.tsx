/** The words by which customers end and begin messages. */
import { Stack, TagsInput, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { useChangeOrganisation } from "./queries";

const LISTS = ["stop", "stop_marketing", "start", "switched_off"] as const;
const TEXTS = ["stop", "stop_marketing", "start"] as const;

export function KeywordsForm({ keywords, mayWrite }: { keywords: Schemas["KeywordSettings"] | undefined; mayWrite: boolean }) {
  const { t } = useTranslation("settings");
  const change = useChangeOrganisation();
  const form = useForm({
    initialValues: { settings: { keywords: whole(keywords) } },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const problem = useProblemInForm(form, change.error);
  return (
    <Section title={t("keywords.title")} about={t("keywords.about")}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values, { onSuccess: () => tellDone(t("saved")) }))}>
        <Stack>
          <ProblemAlert error={problem} />
          {LISTS.map((list) => (
            <TagsInput
              key={list}
              label={t(`keywords.list.${list}`)}
              description={t(`keywords.listHint.${list}`)}
              maxTags={50}
              {...form.getInputProps(`settings.keywords.${list}`)}
            />
          ))}
          {TEXTS.map((text) => (
            <Textarea
              key={text}
              label={t(`keywords.confirmation.${text}`)}
              placeholder={t("keywords.usual")}
              autosize
              maxLength={500}
              {...form.getInputProps(`settings.keywords.confirmations.${text}`)}
            />
          ))}
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}

function whole(keywords: Schemas["KeywordSettings"] | undefined) {
  const { stop = [], stop_marketing = [], start = [], switched_off = [], confirmations } = keywords ?? {};
  return {
    stop,
    stop_marketing,
    start,
    switched_off,
    confirmations: {
      stop: confirmations?.stop ?? "",
      stop_marketing: confirmations?.stop_marketing ?? "",
      start: confirmations?.start ?? "",
    },
  };
}
