/** Items of a readiness checklist: how each stands and how it is mended. */
import { Button, Checkbox, Code, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { Check, CircleHelp, TriangleAlert, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSay } from "@/i18n/sentence";
import { groupsOf, type Item } from "../checklist";
import classes from "./Checklist.module.css";

const MARKS: Record<string, LucideIcon> = { good: Check, bad: TriangleAlert, ask: CircleHelp };

interface ChecklistProps {
  items: readonly Item[];
  /** Ticks an item that only a person can tell. Without it they are shown for guidance. */
  onTick?: (code: string, ticked: boolean) => void;
}

export function Checklist({ items, onTick }: ChecklistProps) {
  const { t } = useTranslation("onboarding");
  const good = items.filter((item) => item.state === "good").length;
  return (
    <Stack gap="lg">
      <div>
        <Group justify="space-between" mb={6}>
          <Text fw={600}>{t("readiness.count", { good, count: items.length })}</Text>
        </Group>
        <Progress value={(good / Math.max(items.length, 1)) * 100} aria-label={t("readiness.progress")} />
      </div>
      {groupsOf(items).map(({ about, items: some }, place) => (
        <Stack key={place} gap="xs">
          {about && (
            <Title order={2} size="h4">
              {about}
            </Title>
          )}
          <ul className={classes.items}>
            {some.map((item) => (
              <OneItem key={item.code} item={item} onTick={onTick} />
            ))}
          </ul>
        </Stack>
      ))}
    </Stack>
  );
}

function OneItem({ item, onTick }: { item: Item; onTick?: ChecklistProps["onTick"] }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const state = item.state === "good" || item.state === "bad" ? item.state : "ask";
  const Mark = MARKS[state] ?? CircleHelp;
  return (
    <li className={classes.item} data-state={state}>
      <span className={classes.mark} data-state={state}>
        <Mark size={16} aria-hidden />
      </span>
      <div className={classes.body}>
        <Text fw={600}>
          {say(item.sentence)} <span className="visually-hidden">({t(`readiness.state.${state}`)})</span>
        </Text>
        {state !== "good" && <Text size="sm">{say(item.fix)}</Text>}
        {item.found && (
          <Text size="sm" c="dimmed">
            {t("readiness.found")} <Code>{item.found}</Code>
          </Text>
        )}
      </div>
      {item.by_hand && onTick ? (
        <Checkbox
          label={t("readiness.tick")}
          aria-label={`${t("readiness.tick")}: ${say(item.sentence)}`}
          checked={state === "good"}
          onChange={(event) => onTick(item.code, event.currentTarget.checked)}
        />
      ) : (
        <Text size="sm" c="dimmed" aria-hidden className={classes.state} data-state={state}>
          {t(`readiness.state.${state}`)}
        </Text>
      )}
    </li>
  );
}

/** Looks at everything again. */
export function LookAgain({ pending, onClick }: { pending: boolean; onClick: () => void }) {
  const { t } = useTranslation("onboarding");
  return (
    <Button variant="default" loading={pending} onClick={onClick}>
      {t("readiness.again")}
    </Button>
  );
}
