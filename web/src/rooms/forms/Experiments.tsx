/** Comparing versions of a form, so that the result can be believed. */
import { Alert, Badge, Group, Progress, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { FlaskConical, Info } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Section } from "@/ui/Section";
import { BeginExperiment } from "./BeginExperiment";
import { ExperimentResult } from "./ExperimentResult";
import { points } from "./percent";
import { experimentsQuery, stopExperiment, useDeed, versionsQuery, type Experiment, type Form } from "./queries";

export function Experiments({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const org = useOrg();
  const mayWrite = useMay()("settings.write");
  const experiments = useSuspenseQuery(experimentsQuery(org, form.id)).data.items;
  const versions = useSuspenseQuery(versionsQuery(org, form.id)).data.items;
  const isFree = !experiments.some(({ state }) => state === "running" || state === "settling");
  const begin = mayWrite && isFree && versions.length > 1 && form.status === "active" && <BeginExperiment form={form} versions={versions} />;
  return (
    <Stack>
      {experiments.length === 0 ? (
        <EmptyState icon={FlaskConical} title={t("experiment.none")} action={begin}>
          {t(versions.length > 1 ? "experiment.noneDetail" : "experiment.needsTwo")}
        </EmptyState>
      ) : (
        begin && <Group justify="flex-end">{begin}</Group>
      )}
      {experiments.map((experiment) => (
        <ExperimentSection key={experiment.id} form={form} experiment={experiment} />
      ))}
    </Stack>
  );
}

function ExperimentSection({ form, experiment }: { form: Form; experiment: Experiment }) {
  const { t, i18n } = useTranslation("forms");
  const { name, state, arms, per_arm, seen, agreed, effect } = experiment;
  const wanted = per_arm * arms.length;
  return (
    <Section title={name} about={t("experiment.plan", { points: points(effect, i18n.language), people: per_arm })}>
      <Group>
        <Badge variant="light" color={state === "stopped" ? "gray" : "sapa"}>
          {t(`experiment.${state}`)}
        </Badge>
        <Text size="sm">{t("experiment.progress", { seen, agreed })}</Text>
      </Group>
      {(state === "running" || state === "settling") && (
        <>
          <Progress value={Math.min(100, (100 * seen) / wanted)} aria-label={t("experiment.progress", { seen, agreed })} />
          <Alert variant="light" color="gray" icon={<Info size={18} aria-hidden />}>
            {t(state === "running" ? "experiment.noPeeking" : "experiment.waits")}
          </Alert>
          <Stop form={form} experiment={experiment} />
        </>
      )}
      {experiment.results && <ExperimentResult form={form} experiment={experiment} results={experiment.results} />}
    </Section>
  );
}

function Stop({ form, experiment }: { form: Form; experiment: Experiment }) {
  const { t } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const stop = useDeed(stopExperiment(form.id));
  if (!mayWrite) return null;
  return (
    <Group>
      <ConfirmButton
        title={t("experiment.stop")}
        effect={t("experiment.stopEffect")}
        confirm={t("experiment.stop")}
        danger
        onConfirm={() => stop.mutateAsync(experiment.id)}
      >
        {t("experiment.stop")}
      </ConfirmButton>
    </Group>
  );
}
