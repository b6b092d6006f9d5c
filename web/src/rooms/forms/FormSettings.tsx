/** How a form looks and behaves, apart from its words. */
import { Button, FileButton, Group, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { ImageUp, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, tellProblem, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { DoubleOptIn } from "./DoubleOptIn";
import { NumberPicker } from "./NumberPicker";
import { asRequest, changeForm, putLogo, useDeed, type Form } from "./queries";

export function FormSettings({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const editor = useForm({ initialValues: asRequest(form), enhanceGetInputProps: () => ({ disabled: !mayWrite }) });
  const change = useDeed(changeForm(form.id));
  const problem = useProblemInForm(editor, change.error);
  const asked = (["no", "optional", "required"] as const).map((value) => ({ value, label: t(`asked.${value}`) }));
  return (
    <Stack>
      <Section title={t("form.settings")}>
        <form onSubmit={editor.onSubmit((values) => change.mutate(values, { onSuccess: () => tellDone(t("saved")) }))}>
          <Stack>
            <ProblemAlert error={problem} />
            <TextInput label={t("name")} description={t("nameHint")} maxLength={100} required withAsterisk={false} {...editor.getInputProps("name")} />
            <NumberPicker {...editor.getInputProps("number_id")} />
            <DoubleOptIn {...editor.getInputProps("double_opt_in")} />
            <Group grow align="flex-start">
              <Select label={t("settings.askName")} data={asked} allowDeselect={false} {...editor.getInputProps("settings.ask_name")} />
              <Select label={t("settings.askEmail")} data={asked} allowDeselect={false} {...editor.getInputProps("settings.ask_email")} />
            </Group>
            <TextInput label={t("settings.color")} type="color" maw={120} {...editor.getInputProps("settings.color")} />
            <TextInput
              label={t("settings.redirect")}
              description={t("settings.redirectHint")}
              type="url"
              placeholder="https://"
              maxLength={500}
              {...editor.getInputProps("settings.redirect")}
            />
            <TagsInput
              label={t("settings.origins")}
              description={t("settings.originsHint")}
              placeholder="https://shop.example"
              maxTags={20}
              {...editor.getInputProps("settings.origins")}
            />
            <Switch
              label={t("settings.inUse")}
              description={t("settings.inUseHint")}
              disabled={!mayWrite}
              checked={editor.values.status !== "archived"}
              onChange={(event) => editor.setFieldValue("status", event.currentTarget.checked ? "active" : "archived")}
            />
            {mayWrite && <FormActions pending={change.isPending} disabled={!editor.isDirty()} />}
          </Stack>
        </form>
      </Section>
      {mayWrite && <Logo form={form} />}
    </Stack>
  );
}

function Logo({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const put = useDeed(putLogo(form.id));
  const send = (image: string | null) => put.mutate(image, { onSuccess: () => tellDone(t("saved")), onError: tellProblem });
  return (
    <Section title={t("logo.title")} about={t("logo.about")}>
      <Group>
        {form.has_logo && <img src={`${new URL(form.url).pathname}/logo?${form.updated_at}`} alt={t("logo.title")} style={{ maxHeight: 64, maxWidth: "100%" }} />}
        <FileButton accept="image/png,image/jpeg,image/webp" onChange={(file) => void (file && base64(file).then(send, tellProblem))}>
          {(props) => (
            <Button variant="default" leftSection={<ImageUp size={16} aria-hidden />} loading={put.isPending} {...props}>
              {t("logo.choose")}
            </Button>
          )}
        </FileButton>
        {form.has_logo && (
          <Button variant="default" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => send(null)}>
            {t("logo.remove")}
          </Button>
        )}
      </Group>
    </Section>
  );
}

/** A file as the API takes it. */
async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
