/** How much consent a template needs. */
import { Radio, Stack, Switch } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { useChangeOrganisation } from "./queries";

const POLICIES = ["window_or_opt_in", "strict_opt_in"] as const;

export function ConsentForm({ settings, mayWrite }: { settings: Schemas["OrgSettings"]; mayWrite: boolean }) {
  const { t } = useTranslation("settings");
  const { policy, inbound_lifts_opt_out } = settings;
  const form = useForm({ initialValues: { policy, inbound_lifts_opt_out } });
  const change = useChangeOrganisation();
  const problem = useProblemInForm(form, change.error);
  return (
    <Section title={t("consent.title")} about={t("consent.about")}>
      <form onSubmit={form.onSubmit((values) => change.mutate({ settings: values }, { onSuccess: () => tellDone(t("saved")) }))}>
        <Stack>
          <ProblemAlert error={problem} />
          <Radio.Group label={t("consent.policy")} {...form.getInputProps("policy")}>
            <Stack gap="sm" mt="xs">
              {POLICIES.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  disabled={!mayWrite}
                  label={t(`consent.policies.${one}`)}
                  description={t(`consent.policyHints.${one}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Switch
            label={t("consent.lift")}
            description={t("consent.liftHint")}
            disabled={!mayWrite}
            {...form.getInputProps("inbound_lifts_opt_out", { type: "checkbox" })}
          />
          {mayWrite && <FormActions pending={change.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
