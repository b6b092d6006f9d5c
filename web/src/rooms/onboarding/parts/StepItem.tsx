/** One step: its state, what it found, how long it took; where it stopped, why and what to do. */
import { Code, Group, Loader, Stack, Text } from "@mantine/core";
import { Check, CircleAlert, Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Connection } from "../queries";
import { foundBy, renews, took, type Shown } from "../steps";
import classes from "./Steps.module.css";
import { Remedies } from "./Remedies";
import { TroubleBox } from "./TroubleBox";

interface StepItemProps {
  step: Shown;
  connection: Connection;
  /** Whoever looks can do nothing here, as the holder of a link. */
  readOnly?: boolean;
}

export function StepItem({ step, connection, readOnly }: StepItemProps) {
  const { t } = useTranslation("onboarding");
  // What was given up goes no further: nothing waits there any more.
  const isOver = connection.state === "abandoned" && step.status !== "done";
  const status = isOver ? "coming" : (step.status ?? "coming");
  return (
    <li className={classes.step} data-status={status}>
      <div className={classes.mark} data-status={status}>
        <Mark status={status} />
      </div>
      <div className={classes.body} data-status={status}>
        <Group justify="space-between" gap="xs" align="baseline" wrap="nowrap">
          <Text component="h3" size="md" fw={600} c="inherit">
            {t(`step.${step.step}.name`)}
          </Text>
          <Text size="sm" c="dimmed" flex="none">
            {t(isOver ? "status.given_up" : `status.${status}`)}
            <Duration step={step} />
          </Text>
        </Group>
        <Found step={step} />
        {step.problem && !isOver && (
          <Stack mt="xs">
            <TroubleBox
              step={{ ...step, problem: step.problem }}
              remedies={readOnly ? null : <Remedies step={step} connection={connection} />}
            />
            {(step.attempts ?? 0) > 1 && (
              <Text size="sm" c="dimmed">
                {t("trouble.attempts", { count: step.attempts })}
              </Text>
            )}
          </Stack>
        )}
        {!readOnly && <RawFacts step={step} />}
      </div>
    </li>
  );
}

function Mark({ status }: { status: NonNullable<Shown["status"]> | "coming" }) {
  switch (status) {
    case "done":
      return <Check size={16} strokeWidth={3} aria-hidden />;
    case "running":
      return <Loader size={22} aria-hidden />;
    case "waiting":
      return <Clock size={16} aria-hidden />;
    case "needs_person":
      return <CircleAlert size={16} aria-hidden />;
    case "coming":
      return null;
  }
}

function Duration({ step }: { step: Shown }) {
  const { i18n } = useTranslation();
  const ms = took(step);
  if (ms === null || step.status !== "done") return null;
  const [value, unit] = ms < 1000 ? [ms, "millisecond"] : ms < 60_000 ? [ms / 1000, "second"] : [ms / 60_000, "minute"];
  const style: Intl.NumberFormatOptions = { style: "unit", unit, maximumFractionDigits: ms >= 1000 && value < 10 ? 1 : 0 };
  return <> · {new Intl.NumberFormat(i18n.language, style).format(value)}</>;
}

/** What a step brought, or what it will bring, in plain words. */
function Found({ step }: { step: Shown }) {
  const { t } = useTranslation("onboarding");
  if (step.status !== "done") {
    return <Text size="sm">{t(`step.${step.step}.about`)}</Text>;
  }
  if (renews(step)) return <Text size="sm">{t("step.bind_account.renewed")}</Text>;
  return <Text size="sm">{t(`step.${step.step}.found`, { ...EMPTY, ...foundBy(step) })}</Text>;
}

/** Values that sentences name; a step that does not give one would leave a hole. */
const EMPTY = { numbers: 0, templates: 0, waba_id: "" };

/** What was found as the server keeps it, for whoever wants to see the proof. */
function RawFacts({ step }: { step: Shown }) {
  const { t } = useTranslation("onboarding");
  const { result, proof, attempts } = step;
  if (!result && !proof) return null;
  return (
    <details className={classes.facts}>
      <summary>{t("connection.proof")}</summary>
      <Code block mt={6} tabIndex={0} aria-label={t("connection.proof")}>
        {JSON.stringify({ result, proof, attempts }, null, 2)}
      </Code>
    </details>
  );
}
