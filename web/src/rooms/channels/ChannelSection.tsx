/** One channel: who carries it, whether that works, and how it is set up. */
import { Alert, Code, CopyButton, Button, Group, Select, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { begin, PROVIDERS, wayOf, type Fields, type Provider } from "./fields";
import { ProviderFields } from "./ProviderFields";
import { channelsQuery, type Channel, type Setup } from "./queries";
import { TryChannel } from "./TryChannel";

interface ChannelSectionProps {
  channel: Channel;
  setup?: Setup;
  operatorMail: boolean;
  mayWrite: boolean;
}

export function ChannelSection({ channel, setup, operatorMail, mayWrite }: ChannelSectionProps) {
  const { t } = useTranslation("channels");
  const org = useOrg();
  const queries = useQueryClient();
  const form = useForm<Fields>({
    initialValues: begin(channel, setup),
    enhanceGetInputProps: () => ({ disabled: !mayWrite }),
  });
  const save = useMutation({
    mutationFn: (fields: Fields) => {
      // Left empty it stays as it is.
      const secret = fields.secret || (setup?.has_secret ? undefined : "");
      const body = { way: wayOf(fields), secret };
      return answer(api.PUT("/api/v1/orgs/{org}/channels", { params: { path: { org } }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries(channelsQuery(org));
      tellDone(t("saved"));
    },
  });
  const forget = async () => {
    await answer(api.DELETE("/api/v1/orgs/{org}/channels", { params: { path: { org }, query: { channel } } }));
    await queries.invalidateQueries(channelsQuery(org));
  };
  const offered = PROVIDERS[channel].filter((one) => one !== "operator" || operatorMail || setup?.way?.provider === one);
  const problem = useProblemInForm(form, save.error);
  return (
    <Section title={t(`of.${channel}.title`)} about={t(`of.${channel}.about`)}>
      {setup?.problem && (
        <Alert color="red" icon={<CircleAlert size={18} aria-hidden />} title={t("trouble")}>
          {setup.problem}
        </Alert>
      )}
      {!setup && <Text size="sm">{t(`of.${channel}.none`)}</Text>}
      {setup && mayWrite && <TryChannel channel={channel} />}
      {setup?.inbound_url && <Inbound url={setup.inbound_url} />}
      {mayWrite && (
        <form onSubmit={form.onSubmit((fields) => save.mutate(fields))}>
          <Stack>
            <ProblemAlert error={problem} />
            <Select
              label={t("provider")}
              data={offered.map((value) => ({ value, label: t(`providers.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps("provider")}
              onChange={(value) => {
                form.setFieldValue("provider", value as Provider);
                form.setFieldValue("port", value === "smpp" ? 2775 : 587);
              }}
            />
            <ProviderFields form={form} hasSecret={setup?.has_secret ?? false} />
            <Group justify="space-between">
              {setup ? (
                <ConfirmButton
                  size="sm"
                  danger
                  title={t("forgetTitle")}
                  effect={t(`of.${channel}.forgetEffect`)}
                  confirm={t("forget")}
                  onConfirm={forget}
                >
                  {t("forget")}
                </ConfirmButton>
              ) : (
                <span />
              )}
              <FormActions pending={save.isPending} disabled={Boolean(setup) && !form.isDirty()} />
            </Group>
          </Stack>
        </form>
      )}
    </Section>
  );
}

/** Where the provider sends what people write, so that STOP is heeded. */
function Inbound({ url }: { url: string }) {
  const { t } = useTranslation("channels");
  return (
    <Stack gap={4}>
      <Text size="sm">{t("inbound")}</Text>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code block flex={1} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {url}
        </Code>
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button variant="default" size="xs" onClick={copy}>
              {t(copied ? "copied" : "copy")}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}
