/** What may be said first: freely where the customer wrote within the day, otherwise a template; or why not even that. */
import { Alert, Button, Center, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { LockKeyhole } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { ProblemAlert } from "@/ui/Problem";
import { maySendTemplates } from "../composer/BlockedNote";
import { useSend } from "../composer/sending";
import { TemplatePicker } from "../composer/TemplateModal";
import { conversationQuery } from "../queries";
import { inLanguage } from "../words";

interface FirstMessageProps {
  conversation: string;
  /** Goes to the conversation. */
  onGo: () => void;
}

export function FirstMessage({ conversation, onGo }: FirstMessageProps) {
  const { t, i18n } = useTranslation("inbox");
  const { data, error } = useQuery(conversationQuery(useOrg(), conversation));
  const send = useSend(conversation);
  const mayWrite = data && data.may_send.free_form.verdict !== "refuse";
  const go = useEffectEvent(onGo);
  useEffect(() => {
    if (mayWrite) go();
  }, [mayWrite]);
  if (error) return <ProblemAlert error={error} />;
  if (!data || mayWrite) {
    return (
      <Center p="lg">
        <Loader aria-label={t("loading", { ns: "app" })} />
      </Center>
    );
  }
  const { free_form: free, utility_template: template } = data.may_send;
  const mayTemplate = maySendTemplates(data.may_send);
  return (
    <Stack>
      <Alert color="gray" variant="light" icon={<LockKeyhole size={18} aria-hidden />} title={t(mayTemplate ? "begin.template" : "begin.refused", { name: data.contact.display_name })}>
        <Text size="sm">{inLanguage((mayTemplate ? free : template).explanation, i18n.language) ?? t("blocked.plain")}</Text>
        {!mayTemplate && (
          <Text size="sm" mt={4}>
            {t("begin.refusedHint")}
          </Text>
        )}
      </Alert>
      {mayTemplate && (
        <TemplatePicker
          conversation={data}
          onSend={(content) => {
            send(content);
            onGo();
          }}
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onGo}>
          {t("begin.open")}
        </Button>
      </Group>
    </Stack>
  );
}
