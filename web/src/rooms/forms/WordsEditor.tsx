/** What a form says, with the page beside it as people will see it. */
import { Checkbox, Fieldset, Group, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { organisationQuery } from "@/app/organisation";
import { useMay, useOrg } from "@/app/session";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "@/i18n";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { firstWording, firstWords } from "./draft";
import { Preview } from "./Preview";
import classes from "./WordsEditor.module.css";
import { addVersion, useDeed, type Form, type FormWording } from "./queries";

interface Values {
  wording: FormWording;
  inUse: boolean;
}

export function WordsEditor({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const org = useOrg();
  const mayWrite = useMay()("settings.write");
  const organisation = useSuspenseQuery(organisationQuery(org)).data;
  const home: Language = organisation.locale === "id" ? "id" : "en";
  const editor = useForm<Values>({
    initialValues: { wording: form.version?.wording ?? firstWording(home, organisation.name), inUse: true },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const publish = useDeed(addVersion(form.id));
  const problem = useProblemInForm(editor, publish.error);
  const { wording, inUse } = editor.values;
  const written = LANGUAGES.filter((language) => wording[language]);
  const [shown, setShown] = useState<Language>(home);
  const looked = written.includes(shown) ? shown : (written[0] ?? home);
  const send = ({ wording, inUse }: Values) =>
    publish.mutate({ wording, in_use: inUse }, { onSuccess: () => tellDone(t(inUse ? "words.published" : "words.kept")) });
  return (
    <div className={classes.beside}>
        <form onSubmit={editor.onSubmit(send)}>
          <Stack>
            <ProblemAlert error={problem} />
            <TextInput label={t("words.business")} description={t("words.businessHint")} maxLength={120} {...editor.getInputProps("wording.business")} />
            <TextInput label={t("words.privacy")} type="url" placeholder="https://" maxLength={500} {...editor.getInputProps("wording.privacy_url")} />
            <Checkbox.Group label={t("words.purposes")} description={t("words.purposesHint")} {...editor.getInputProps("wording.purposes")}>
              <Group mt="xs">
                <Checkbox value="utility" label={t("purpose.utility")} />
                <Checkbox value="marketing" label={t("purpose.marketing")} />
              </Group>
            </Checkbox.Group>
            <Checkbox.Group label={t("words.channels")} description={t("words.channelsHint")} {...editor.getInputProps("wording.channels")}>
              <Group mt="xs">
                <Checkbox value="whatsapp" label={t("channel.whatsapp")} />
                <Checkbox value="email" label={t("channel.email")} />
                <Checkbox value="sms" label={t("channel.sms")} />
              </Group>
            </Checkbox.Group>
            {LANGUAGES.map((language) => (
              <LanguageWords key={language} language={language} editor={editor} onFocus={() => setShown(language)} />
            ))}
            {mayWrite && (
              <>
                {form.version && (
                  <Switch label={t("words.inUse")} description={t("words.inUseHint")} {...editor.getInputProps("inUse", { type: "checkbox" })} />
                )}
                <FormActions send={t(inUse ? "words.publish" : "words.keep")} pending={publish.isPending} disabled={Boolean(form.version) && !editor.isDirty()} />
              </>
            )}
          </Stack>
        </form>
        <Preview form={form} wording={wording} language={looked} />
    </div>
  );
}

interface LanguageWordsProps {
  language: Language;
  editor: UseFormReturnType<Values>;
  onFocus: () => void;
}

function LanguageWords({ language, editor, onFocus }: LanguageWordsProps) {
  const { t } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const { wording } = editor.values;
  const at = (name: string) => editor.getInputProps(`wording.${language}.${name}`);
  const toggle = (on: boolean) => {
    editor.setFieldValue(`wording.${language}`, on ? firstWords(language, wording.business) : null);
    onFocus();
  };
  return (
    <Fieldset legend={LANGUAGE_NAMES[language]} onFocusCapture={onFocus}>
      <Stack gap="sm">
        <Switch
          label={t("words.offer", { language: LANGUAGE_NAMES[language] })}
          checked={Boolean(wording[language])}
          disabled={!mayWrite}
          onChange={(event) => toggle(event.currentTarget.checked)}
        />
        {wording[language] && (
          <>
            <TextInput label={t("words.heading")} maxLength={120} {...at("title")} />
            <Textarea label={t("words.intro")} autosize maxLength={600} {...at("intro")} />
            {wording.purposes.includes("utility") && <Textarea label={t("words.utility")} autosize maxLength={600} {...at("utility")} />}
            {wording.purposes.includes("marketing") && <Textarea label={t("words.marketing")} autosize maxLength={600} {...at("marketing")} />}
            <Textarea label={t("words.footer")} autosize maxLength={600} {...at("footer")} />
            <TextInput label={t("words.button")} maxLength={40} {...at("button")} />
            <Textarea label={t("words.thanks")} autosize maxLength={600} {...at("thanks")} />
          </>
        )}
      </Stack>
    </Fieldset>
  );
}
