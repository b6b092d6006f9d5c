/** From an empty organisation to a working one: what is done, what comes next, one button each. */
import { Button, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, type Right } from "@/app/session";
import { isolated } from "@/ui/isolated";
import classes from "./Checklist.module.css";
import { numbersOf, STEPS, type Facts, type StartStep } from "./progress";
import { WriteToYourself } from "./WriteToYourself";

interface ChecklistProps {
  facts: Facts;
  done: Record<StartStep, boolean>;
  /** The first that is not done; `null`: everything is. */
  next: StartStep | null;
  /** Puts the list away; only once everything is done. */
  onClose?: () => void;
}

export function Checklist({ facts, done, next, onClose }: ChecklistProps) {
  const { t } = useTranslation("start");
  const count = STEPS.filter((step) => done[step]).length;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t("steps.title")}
        </Title>
        <Group gap="sm">
          <Text size="sm" c="dimmed">
            {t("steps.count", { done: count, all: STEPS.length })}
          </Text>
          {onClose && (
            <Button variant="default" size="xs" onClick={onClose}>
              {t("steps.close")}
            </Button>
          )}
        </Group>
      </Group>
      <Progress value={(count / STEPS.length) * 100} aria-label={t("steps.progress")} size="sm" />
      <ol className={classes.steps} aria-live="polite" aria-relevant="additions text">
        {STEPS.map((step, place) => (
          <li key={step} className={classes.step} data-next={step === next || undefined}>
            <span className={classes.mark} data-done={done[step] || undefined}>
              {done[step] ? <Check size={16} strokeWidth={3} aria-hidden /> : <span aria-hidden>{place + 1}</span>}
            </span>
            <div className={classes.body}>
              <Group justify="space-between" gap="sm" align="flex-start">
                <div className={classes.words}>
                  <Text component="h3" fw={600} size="md">
                    {t(`step.${step}.name`)}
                    <span className="visually-hidden"> ({done[step] ? t("steps.done") : t("steps.open")})</span>
                  </Text>
                  <Text size="sm" c={step === next ? undefined : "dimmed"}>
                    {done[step] ? <Found step={step} facts={facts} /> : t(`step.${step}.about`)}
                  </Text>
                </div>
                <Go step={step} next={step === next} done={done[step]} />
              </Group>
              {step === "write" && next === "write" && <WriteToYourself numbers={numbersOf(facts)} />}
            </div>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

/** What was brought about. */
function Found({ step, facts }: { step: StartStep; facts: Facts }) {
  const { t } = useTranslation("start");
  const counts = {
    connect: numbersOf(facts).length,
    knowledge: facts.sources.filter((source) => source.state === "ready").length,
    write: 1,
    watch: 1,
    invite: facts.people,
  };
  const numbers = numbersOf(facts).map((number) => isolated(number.display));
  return t(`step.${step}.found`, { count: counts[step], numbers: numbers.join(", ") });
}

const RIGHTS: Record<StartStep, Right> = {
  connect: "connections.write",
  knowledge: "knowledge.write",
  write: "inbox.read",
  watch: "inbox.read",
  invite: "members.write",
};

const PLACES: Record<StartStep, string> = {
  connect: "connect",
  knowledge: "knowledge",
  write: "accounts",
  watch: "inbox",
  invite: "members",
};

/** The one button of a step. Who may not press it reads who may. */
function Go({ step, next, done }: { step: StartStep; next: boolean; done: boolean }) {
  const { t } = useTranslation("start");
  const { slug } = useMembership();
  const may = useMay();
  // Writing has its own, beneath.
  if (step === "write" && next) return null;
  if (!may(RIGHTS[step])) {
    return done ? null : (
      <Text size="sm" c="dimmed">
        {t("steps.mayNot")}
      </Text>
    );
  }
  const place = done && step === "connect" ? "accounts" : PLACES[step];
  return (
    <Button component={Link} to={`/o/${slug}/${place}`} size="sm" variant={next ? "filled" : "default"}>
      {done ? t(`step.${step}.look`) : t(`step.${step}.go`)}
    </Button>
  );
}
