/** Which channel is tried after which, and how long people have to answer. */
import { ActionIcon, Button, Group, NumberInput, Paper, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowUp, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { fallbackQuery, type Channel, type Fallback } from "./queries";

interface OrderFormProps {
  fallback: Fallback;
  /** The channels that are set up. */
  ready: Channel[];
  mayWrite: boolean;
}

export function OrderForm({ fallback, ready, mayWrite }: OrderFormProps) {
  const { t } = useTranslation("channels");
  const org = useOrg();
  const queries = useQueryClient();
  const { order, link_hours, texts } = fallback.settings;
  const form = useForm({
    initialValues: {
      order: order.map(({ channel, minutes = 1440 }) => ({ channel, hours: minutes / 60 })),
      link_hours,
    },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => {
      const steps = values.order.map(({ channel, hours }) => ({ channel, minutes: Math.round(hours * 60) }));
      const body = { order: steps, link_hours: values.link_hours, texts };
      return answer(api.PUT("/api/v1/orgs/{org}/fallback", { params: { path: { org } }, body }));
    },
    onSuccess: (stored) => {
      queries.setQueryData(fallbackQuery(org).queryKey, stored);
      tellDone(t("saved"));
    },
  });
  const steps = form.values.order;
  const addable = (["whatsapp", ...ready] as const).filter((channel) => !steps.some((step) => step.channel === channel));
  const add = (channel: Channel | "whatsapp") => {
    const step = { channel, hours: channel === "email" ? 4 : 24 };
    form.setFieldValue("order", channel === "whatsapp" ? [step, ...steps] : [...steps, step]);
  };
  const up = (place: number) => form.reorderListItem("order", { from: place, to: place - 1 });
  return (
    <Section title={t("order.title")} about={t("order.about")}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <ProblemAlert error={save.error} />
          {steps.length === 0 && <Text size="sm">{t("order.none")}</Text>}
          {steps.map((step, place) => (
            <Paper key={step.channel} withBorder p="sm">
              <Group justify="space-between" wrap="nowrap" align="flex-end">
                <NumberInput
                  flex={1}
                  label={t(`order.${step.channel}`)}
                  suffix={t("order.hours")}
                  min={0.25}
                  max={720}
                  {...form.getInputProps(`order.${place}.hours`)}
                />
                {mayWrite && (
                  <Group gap={4} wrap="nowrap">
                    {place > 0 && steps[place - 1]?.channel !== "whatsapp" && (
                      <ActionIcon variant="default" size="lg" aria-label={t("order.up")} onClick={() => up(place)}>
                        <ArrowUp size={16} aria-hidden />
                      </ActionIcon>
                    )}
                    <ActionIcon variant="default" size="lg" aria-label={t("order.remove")} onClick={() => form.removeListItem("order", place)}>
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
          {ready.length === 0 && <Text size="sm" c="dimmed">{t("order.nothingReady")}</Text>}
          <NumberInput label={t("order.life")} description={t("order.lifeHint")} suffix={t("order.hours")} min={1} max={720} allowDecimal={false} {...form.getInputProps("link_hours")} />
          {mayWrite && <FormActions pending={save.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
