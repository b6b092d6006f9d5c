/** Which channel is tried after which, and how long people have to answer. */
import { NumberInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { ChannelOrder } from "./ChannelOrder";
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
    initialValues: { order, link_hours },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => {
      const body = { ...values, texts };
      return answer(api.PUT("/api/v1/orgs/{org}/fallback", { params: { path: { org } }, body }));
    },
    onSuccess: (stored) => {
      queries.setQueryData(fallbackQuery(org).queryKey, stored);
      tellDone(t("saved"));
    },
  });
  const steps = form.values.order;
  return (
    <Section title={t("order.title")} about={t("order.about")}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <ProblemAlert error={save.error} />
          {steps.length === 0 && <Text size="sm">{t("order.none")}</Text>}
          <ChannelOrder steps={steps} ready={ready} mayWrite={mayWrite} onChange={(order) => form.setFieldValue("order", order)} />
          <NumberInput label={t("order.life")} description={t("order.lifeHint")} suffix={t("order.hours")} min={1} max={720} allowDecimal={false} {...form.getInputProps("link_hours")} />
          {mayWrite && <FormActions pending={save.isPending} disabled={!form.isDirty()} />}
        </Stack>
      </form>
    </Section>
  );
}
