/** Channels in the order in which they are tried, each with how long people have to answer there. */
import { ActionIcon, Button, Group, NumberInput, Paper, Text } from "@mantine/core";
import { ArrowUp, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Channel } from "./queries";

export type Step = Schemas["NextChannel"];

/** What is usual where nothing is said. */
const DAY = 24 * 60;

interface ChannelOrderProps {
  steps: readonly Step[];
  /** The channels that are set up. */
  ready: readonly Channel[];
  mayWrite: boolean;
  onChange: (steps: Step[]) => void;
}

export function ChannelOrder({ steps, ready, mayWrite, onChange }: ChannelOrderProps) {
  const { t } = useTranslation("channels");
  const addable = (["whatsapp", ...ready] as const).filter((channel) => !steps.some((step) => step.channel === channel));
  const add = (channel: Channel | "whatsapp") => {
    const step = { channel, minutes: channel === "email" ? DAY / 6 : DAY };
    onChange(channel === "whatsapp" ? [step, ...steps] : [...steps, step]);
  };
  const up = (place: number) => onChange(steps.map((step, at) => (at === place ? steps[at - 1] : at === place - 1 ? steps[at + 1] : step) ?? step));
  return (
    <>
      {steps.map((step, place) => (
        <Paper key={step.channel} withBorder p="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-end">
            <NumberInput
              flex={1}
              label={t(`order.${step.channel}`)}
              suffix={t("order.hours")}
              min={0.25}
              max={720}
              disabled={!mayWrite}
              value={(step.minutes ?? DAY) / 60}
              onChange={(hours) => onChange(steps.map((one, at) => (at === place ? { ...one, minutes: Math.max(1, Math.round(Number(hours) * 60)) } : one)))}
            />
            {mayWrite && (
              <Group gap={4} wrap="nowrap">
                {place > 0 && steps[place - 1]?.channel !== "whatsapp" && (
                  <ActionIcon variant="default" size="lg" aria-label={t("order.up")} onClick={() => up(place)}>
                    <ArrowUp size={16} aria-hidden />
                  </ActionIcon>
                )}
                <ActionIcon variant="default" size="lg" aria-label={t("order.remove")} onClick={() => onChange(steps.filter((_, at) => at !== place))}>
                  <X size={16} aria-hidden />
                </ActionIcon>
              </Group>
            )}
          </Group>
        </Paper>
      ))}
      {mayWrite && (
        <Group gap="xs">
          {addable.map((channel) => (
            <Button key={channel} variant="default" size="xs" onClick={() => add(channel)}>
              {t(`order.add.${channel}`)}
            </Button>
          ))}
        </Group>
      )}
      {ready.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("order.nothingReady")}
        </Text>
      )}
    </>
  );
}
