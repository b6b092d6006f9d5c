/** Making or changing a link. */
import { Checkbox, Group, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMembership } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { NumberPicker } from "./NumberPicker";
import { keepLink, useDeed, type ChatLink } from "./queries";

export function LinkForm({ link, onDone }: { link?: ChatLink; onDone: () => void }) {
  const { t } = useTranslation("forms");
  const { name: business } = useMembership();
  const form = useForm({
    initialValues: {
      name: link?.name ?? "",
      number_id: link?.number_id ?? null,
      text: link?.text ?? t("links.textExample"),
      agrees: Boolean(link?.wording),
      wording: link?.wording ?? t("links.wordingExample", { business }),
      purposes: link?.wording ? link.purposes : (["marketing"] as Schemas["Purpose"][]),
      inUse: link?.status !== "archived",
    },
  });
  const keep = useDeed(keepLink(link?.id));
  const problem = useProblemInForm(form, keep.error);
  const send = ({ name, number_id, text, agrees, wording, purposes, inUse }: typeof form.values) =>
    keep.mutate(
      {
        name,
        number_id: number_id ?? "",
        text,
        wording: agrees ? wording : null,
        purposes: agrees ? purposes : [],
        status: inUse ? "active" : "archived",
      },
      { onSuccess: onDone },
    );
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack>
        <ProblemAlert error={problem} />
        <TextInput
          label={t("name")}
          description={t("links.nameHint")}
          maxLength={100}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps("name")}
        />
        <NumberPicker required withAsterisk={false} {...form.getInputProps("number_id")} />
        <Textarea label={t("links.text")} description={t("links.textHint")} autosize maxLength={500} required withAsterisk={false} {...form.getInputProps("text")} />
        <Switch label={t("links.agrees")} description={t("links.agreesHint")} {...form.getInputProps("agrees", { type: "checkbox" })} />
        {form.values.agrees && (
          <>
            <Textarea label={t("links.wording")} autosize maxLength={500} {...form.getInputProps("wording")} />
            <Checkbox.Group label={t("words.purposes")} {...form.getInputProps("purposes")}>
              <Group mt="xs">
                <Checkbox value="utility" label={t("purpose.utility")} />
                <Checkbox value="marketing" label={t("purpose.marketing")} />
              </Group>
            </Checkbox.Group>
          </>
        )}
        {link && <Switch label={t("links.inUse")} {...form.getInputProps("inUse", { type: "checkbox" })} />}
        <FormActions send={link ? undefined : t("links.make")} pending={keep.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
