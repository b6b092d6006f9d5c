/** Facts at a glance: what, how good, and what it means. */
import { Text } from "@mantine/core";
import { Check, CircleHelp, CircleX, TriangleAlert, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { glancesOfAccount, glancesOfNumber, Tone } from "../health";
import classes from "./Glances.module.css";

type Known = ReturnType<typeof glancesOfAccount>[number] | ReturnType<typeof glancesOfNumber>[number];

const MARKS: Record<Tone, LucideIcon> = { good: Check, watch: TriangleAlert, bad: CircleX, unknown: CircleHelp };

/** Each with its meaning, or in brief without. */
export function Glances({ of, brief }: { of: readonly Known[]; brief?: boolean }) {
  const { t } = useTranslation("onboarding");
  return (
    <dl className={classes.glances} data-brief={brief}>
      {of.map((glance) => (
        <div key={glance.what}>
          <dt>{t(`glance.${glance.what}.name`)}</dt>
          <dd>
            <GlanceWord of={glance} />
            {!brief && (
              <Text size="sm" c="dimmed">
                {t(`glance.${glance.what}.means`)}
              </Text>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** One alone, in a word or two. */
export function GlanceWord({ of: glance }: { of: Known }) {
  const { i18n } = useTranslation("onboarding");
  const Mark = MARKS[glance.tone];
  const count = "count" in glance ? glance.count : undefined;
  const value = count === undefined ? undefined : new Intl.NumberFormat(i18n.language).format(count);
  return (
    <span className={classes.word} data-tone={glance.tone}>
      <Mark size={16} aria-hidden />
      <Word glance={glance} count={count} value={value} />
    </span>
  );
}

function Word({ glance, count, value }: { glance: Known; count?: number; value?: string }) {
  const { t } = useTranslation("onboarding");
  const key = `glance.${glance.what}.${glance.state}` as "glance.access.lasts";
  return <>{t(key, { count, value })}</>;
}
