/** The language model that answers: the installation's, one's own, or none. */
import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { FormActions } from "@/ui/FormActions";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { endpointQuery } from "./queries";

interface EndpointFormProps {
  endpoint: Schemas["EndpointView"];
  mayWrite: boolean;
}

export function EndpointForm({ endpoint, mayWrite }: EndpointFormProps) {
  const { t } = useTranslation("settings");
  const org = useOrg();
  const queries = useQueryClient();
  const path = { org };
  const own = endpoint.whose === "own" ? endpoint : undefined;
  const form = useForm({
    initialValues: {
      url: own?.url ?? "",
      key: "",
      chat_model: own?.chat_model ?? "",
      embedding_model: own?.embedding_model ?? "",
    },
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
    transformValues: ({ url, key, chat_model, embedding_model }) => ({
      url: url.trim(),
      // Left empty it stays as it is.
      key: key || (endpoint.has_key ? undefined : ""),
      chat_model: chat_model.trim() || undefined,
      embedding_model: embedding_model.trim() || undefined,
    }),
  });
  const save = useMutation({
    mutationFn: (body: Schemas["NewEndpoint"]) => answer(api.PUT("/api/v1/orgs/{org}/ai/endpoint", { params: { path }, body })),
    onSuccess: (stored) => {
      queries.setQueryData(endpointQuery(org).queryKey, stored);
      tellDone(t("saved"));
    },
  });
  const problem = useProblemInForm(form, save.error);
  const forget = async () => {
    await answer(api.DELETE("/api/v1/orgs/{org}/ai/endpoint", { params: { path } }));
    await queries.invalidateQueries(endpointQuery(org));
  };
  return (
    <Section title={t("endpoint.title")} about={t("endpoint.about")}>
      <Text size="sm">{t(`endpoint.whose.${endpoint.whose as "own" | "installation" | "none"}`, { model: endpoint.chat_model ?? "–" })}</Text>
      {mayWrite && endpoint.whose !== "none" && <TryEndpoint />}
      {mayWrite && (
        <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
          <Stack>
            <ProblemAlert error={problem} />
            <TextInput
              label={t("endpoint.url")}
              description={t("endpoint.urlHint")}
              placeholder="https://api.openai.com/v1"
              type="url"
              inputMode="url"
              maxLength={500}
              required
              withAsterisk={false}
              {...form.getInputProps("url")}
            />
            <PasswordField
              label={t("endpoint.key")}
              description={t(endpoint.has_key ? "endpoint.keySet" : "endpoint.keyHint")}
              autoComplete="off"
              maxLength={500}
              {...form.getInputProps("key")}
            />
            <TextInput
              label={t("endpoint.chat")}
              description={t("endpoint.chatHint")}
              placeholder="gpt-4.1-mini"
              maxLength={200}
              {...form.getInputProps("chat_model")}
            />
            <TextInput
              label={t("endpoint.embedding")}
              description={t("endpoint.embeddingHint")}
              placeholder="text-embedding-3-small"
              maxLength={200}
              {...form.getInputProps("embedding_model")}
            />
            <Group justify="space-between">
              {own ? (
                <ConfirmButton
                  size="sm"
                  danger
                  title={t("endpoint.forgetTitle")}
                  effect={t("endpoint.forgetEffect")}
                  confirm={t("endpoint.forget")}
                  onConfirm={forget}
                >
                  {t("endpoint.forget")}
                </ConfirmButton>
              ) : (
                <span />
              )}
              <FormActions pending={save.isPending} disabled={!form.isDirty()} />
            </Group>
          </Stack>
        </form>
      )}
    </Section>
  );
}

/** One short question, one short embedding: does it work, and how fast? */
function TryEndpoint() {
  const { t } = useTranslation("settings");
  const org = useOrg();
  const trial = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/orgs/{org}/ai/endpoint/try", { params: { path: { org } } })),
  });
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" size="xs" leftSection={<Zap size={14} aria-hidden />} loading={trial.isPending} onClick={() => trial.mutate()}>
        {t("endpoint.try")}
      </Button>
      <ProblemAlert error={trial.error} />
      <div role="status">
        <Outcome label={t("endpoint.chat")} trial={trial.data?.chat} />
        <Outcome label={t("endpoint.embedding")} trial={trial.data?.embedding} />
      </div>
    </Stack>
  );
}

function Outcome({ label, trial }: { label: string; trial?: Schemas["Trial"] | null }) {
  const { t } = useTranslation("settings");
  if (!trial) return null;
  const Icon = trial.works ? CircleCheck : CircleAlert;
  return (
    <Alert mb="xs" p="xs" color={trial.works ? "sapa" : "red"} icon={<Icon size={18} aria-hidden />} title={label}>
      {trial.works ? t("endpoint.works", { millis: trial.millis }) : trial.problem}
    </Alert>
  );
}
