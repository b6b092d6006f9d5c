/** A test message, and what the provider says to it. */
import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMe, useOrg } from "@/app/session";
import { ProblemAlert } from "@/ui/Problem";
import type { Channel } from "./queries";

export function TryChannel({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const org = useOrg();
  const { person } = useMe();
  const [to, setTo] = useState(channel === "email" ? person.email : "");
  const trial = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/orgs/{org}/channels/try", { params: { path: { org } }, body: { channel, to } })),
  });
  const Icon = trial.data?.works ? CircleCheck : CircleAlert;
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <TextInput
          flex="1 1 220px"
          label={t(`of.${channel}.try`)}
          type={channel === "email" ? "email" : "tel"}
          placeholder={channel === "email" ? "rina@example.com" : "+62 812 3456 7890"}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={<Zap size={16} aria-hidden />}
          loading={trial.isPending}
          disabled={to.trim().length < 3}
          onClick={() => trial.mutate()}
        >
          {t("try")}
        </Button>
      </Group>
      <ProblemAlert error={trial.error} />
      <div role="status">
        {trial.data && (
          <Alert color={trial.data.works ? "sapa" : "red"} icon={<Icon size={18} aria-hidden />} title={t(trial.data.works ? "tryWorks" : "tryFails")}>
            {trial.data.works ? t("tryWorksHint") : trial.data.problem}
          </Alert>
        )}
      </div>
    </Stack>
  );
}
