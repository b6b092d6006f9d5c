/** When nothing is begun, and how much of it a contact gets. */
import { Checkbox, Group, NumberInput, Radio, Stack, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrgZone } from "@/app/useOrgZone";
import { zoneName } from "@/i18n/zoneName";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { valuesOf, sent } from "./policy";
import { useChangeOrganisation } from "./queries";

export function PolicyForm({ settings, mayWrite }: { settings: Schemas["OrgSettings"]; mayWrite: boolean }) {
  const { t, i18n } = useTranslation("settings");
  const zone = useOrgZone();
  const change = useChangeOrganisation();
  const form = useForm({
    initialValues: valuesOf(settings),
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
    transformValues: (values) => ({ settings: sent(values) }),
  });
  const problem = useProblemInForm(form, change.error);
  return (
    <Section title={t("policy.title")} about={t("policy.about")}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values, { onSuccess: () => tellDone(t("saved")) }))}>
        <Stack>
          <ProblemAlert error={problem} />
          <Switch
            label={t("policy.quiet")}
            description={t("policy.quietHint")}
            {...form.getInputProps("quiet", { type: "checkbox" })}
          />
          {form.values.quiet && (
            <>
              <Group>
                <TextInput type="time" required label={t("policy.from")} {...form.getInputProps("from")} />
                <TextInput type="time" required label={t("policy.to")} {...form.getInputProps("to")} />
              </Group>
              <Radio.Group label={t("policy.clock")} {...form.getInputProps("clock")}>
                <Stack gap="xs" mt="xs">
                  <Radio value="organisation" disabled={!mayWrite} label={[t("policy.clocks.organisation"), zone && `(${zoneName(zone, i18n.language)})`].filter(Boolean).join(" ")} />
                  <Radio value="contact" disabled={!mayWrite} label={t("policy.clocks.contact")} />
                </Stack>
              </Radio.Group>
              <Checkbox.Group label={t("policy.purposes")} {...form.getInputProps("purposes")}>
                <Group mt="xs">
                  <Checkbox value="marketing" disabled={!mayWrite} label={t("policy.purpose.marketing")} />
                  <Checkbox value="utility" disabled={!mayWrite} label={t("policy.purpose.utility")} />
                </Group>
              </Checkbox.Group>
            </>
          )}
          {(["marketing", "utility"] as const).map((purpose) => (
            <Stack key={purpose} gap="xs">
              <Switch
                label={t(`policy.cap.${purpose}`)}
                description={t(`policy.capHint.${purpose}`)}
                {...form.getInputProps(`${purpose}.on`, { type: "checkbox" })}
              />
              {form.values[purpose].on && (
                <Group>
                  <NumberInput label={t("policy.most")} min={1} max={100} allowDecimal={false} {...form.getInputProps(`${purpose}.most`)} />
                  <NumberInput label={t("policy.days")} min={1} max={90} allowDecimal={false} {...form.getInputProps(`${purpose}.days`)} />
                </Group>
              )}
            </Stack>
          ))}
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
