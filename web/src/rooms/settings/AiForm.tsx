/** Whether the AI answers, how it sounds, and what it may cost. */
import { NumberInput, Stack, Switch, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { type Changed, useChangeOrganisation } from "./queries";

type AiSettings = Required<Schemas["AiSettings"]>;

/** An empty number means that nothing is set. */
const some = (value: number | string | null) => (value === "" || value === null ? null : Number(value));

export function AiForm({ ai, mayWrite }: { ai: Schemas["AiSettings"]; mayWrite: boolean }) {
  const { t, i18n } = useTranslation("settings");
  const separators = separatorsOf(i18n.language);
  const change = useChangeOrganisation();
  const form = useForm({
    initialValues: { settings: { ai: whole(ai) } },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
    transformValues: ({ settings }) => ({ settings: { ai: sent(settings.ai) } }),
  });
  const problem = useProblemInForm(form, change.error);
  const number = (name: "wait_seconds" | "replies_per_hour" | "answers_per_day" | "tokens_per_day") => ({
    label: t(`ai.${name}`),
    description: t(`ai.${name}Hint`),
    min: 0,
    allowDecimal: false,
    allowNegative: false,
    ...separators,
    ...form.getInputProps(`settings.ai.${name}`),
  });
  return (
    <Section title={t("ai.title")} about={t("ai.about")}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values, { onSuccess: () => tellDone(t("saved")) }))}>
        <Stack>
          <ProblemAlert error={problem} />
          <Switch
            label={t("ai.enabled")}
            description={t("ai.enabledHint")}
            {...form.getInputProps("settings.ai.enabled", { type: "checkbox" })}
          />
          <Textarea
            label={t("ai.persona")}
            description={t("ai.personaHint")}
            placeholder={t("ai.personaExample")}
            autosize
            minRows={2}
            maxLength={500}
            {...form.getInputProps("settings.ai.persona")}
          />
          <Textarea
            label={t("ai.greeting")}
            description={t("ai.greetingHint")}
            placeholder={t("ai.greetingExample")}
            autosize
            minRows={2}
            maxLength={500}
            {...form.getInputProps("settings.ai.greeting")}
          />
          <Switch
            label={t("ai.cite")}
            description={t("ai.citeHint")}
            {...form.getInputProps("settings.ai.cite", { type: "checkbox" })}
          />
          <NumberInput {...number("wait_seconds")} placeholder={t("ai.automatic")} max={30} />
          <NumberInput {...number("replies_per_hour")} />
          <NumberInput {...number("answers_per_day")} placeholder={t("ai.unlimited")} />
          <Switch
            label={t("ai.no_token_limit")}
            description={t("ai.no_token_limitHint")}
            {...form.getInputProps("settings.ai.no_token_limit", { type: "checkbox" })}
          />
          {!form.values.settings.ai.no_token_limit && <NumberInput {...number("tokens_per_day")} placeholder={t("ai.usual")} />}
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}

/** How a language writes large numbers: `2,000,000`, `2.000.000`. */
function separatorsOf(language: string) {
  const parts = new Intl.NumberFormat(language, { minimumFractionDigits: 1 }).formatToParts(1_000_000);
  const part = (type: "group" | "decimal") => parts.find((one) => one.type === type)?.value;
  return { thousandSeparator: part("group"), decimalSeparator: part("decimal") };
}

/** Every field has a value, so that the form can tell what changed. */
function whole(ai: Schemas["AiSettings"]) {
  return {
    ...(ai as AiSettings),
    wait_seconds: ai.wait_seconds ?? "",
    answers_per_day: ai.answers_per_day ?? "",
    tokens_per_day: typeof ai.tokens_per_day === "number" ? ai.tokens_per_day : "",
    no_token_limit: ai.tokens_per_day === "unlimited",
  };
}

/** The settings as they are sent: `null` is the default. */
function sent({ no_token_limit, ...ai }: ReturnType<typeof whole>): Changed<Schemas["AiSettings"]> {
  return {
    ...ai,
    wait_seconds: some(ai.wait_seconds),
    answers_per_day: some(ai.answers_per_day),
    tokens_per_day: no_token_limit ? "unlimited" : some(ai.tokens_per_day),
  };
}
