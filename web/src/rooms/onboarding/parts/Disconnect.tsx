/** Disconnecting: told in full before it is done, asked in words, and what became of each part. */
import { Button, Card, Checkbox, Group, List, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, TriangleAlert, Unplug } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import type { Account } from "../queries";

export function Disconnect({ account }: { account: Account }) {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const deed = useMutation({
    mutationFn: (body: Schemas["DisconnectRequest"]) =>
      answer(
        api.POST("/api/v1/orgs/{org}/accounts/{account}/disconnect", {
          params: { path: { org, account: account.id } },
          body,
        }),
      ),
  });
  const leave = () => {
    close();
    if (deed.data) void queries.invalidateQueries({ queryKey: ["org", org] });
    deed.reset();
  };
  return (
    <>
      {!account.disconnected_at && <Offer onOpen={open} />}
      {/* Stays when the account is gone: what became of each part is still to be read. */}
      <Modal
        opened={opened}
        onClose={leave}
        title={t("disconnect.question", { name: account.name })}
        size="lg"
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        {deed.data ? (
          <Outcome parts={deed.data.parts} onDone={leave} />
        ) : (
          <Question account={account} pending={deed.isPending} error={deed.error} onSend={deed.mutate} onCancel={leave} />
        )}
      </Modal>
    </>
  );
}

function Offer({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation("onboarding");
  return (
    <Card withBorder component="section" aria-label={t("disconnect.title")}>
      <Group justify="space-between">
        <div>
          <Title order={2} size="h4">
            {t("disconnect.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("disconnect.about")}
          </Text>
        </div>
        <Button variant="default" leftSection={<Unplug size={16} aria-hidden />} onClick={onOpen}>
          {t("disconnect.open")}
        </Button>
      </Group>
    </Card>
  );
}

interface QuestionProps {
  account: Account;
  pending: boolean;
  error: unknown;
  onSend: (wish: Schemas["DisconnectRequest"]) => void;
  onCancel: () => void;
}

function Question({ account, pending, error, onSend, onCancel }: QuestionProps) {
  const { t } = useTranslation("onboarding");
  const [reason, setReason] = useState("");
  const [release, setRelease] = useState(false);
  const [typed, setTyped] = useState("");
  const word = t("disconnect.word");
  const effects = [
    t("disconnect.effect.sending"),
    account.mode === "solution_partner" && t("disconnect.effect.credit"),
    t("disconnect.effect.receiving"),
    t("disconnect.effect.access"),
    t("disconnect.effect.kept"),
  ].filter((effect) => effect !== false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSend({ reason: reason.trim() || null, release_numbers: release });
      }}
    >
      <Stack>
        <Text fw={600}>{t("disconnect.happens")}</Text>
        <List type="ordered" size="sm" spacing={6}>
          {effects.map((effect) => (
            <List.Item key={effect}>{effect}</List.Item>
          ))}
        </List>
        <Checkbox
          label={t("disconnect.release")}
          description={t("disconnect.releaseHint")}
          checked={release}
          onChange={(event) => setRelease(event.currentTarget.checked)}
        />
        <TextInput
          label={t("disconnect.reason")}
          description={t("disconnect.reasonHint")}
          maxLength={300}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <TextInput
          label={t("disconnect.type", { word })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
        />
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t("cancel", { ns: "app" })}
          </Button>
          <Button
            type="submit"
            color="red.9"
            disabled={typed.trim().toLocaleLowerCase() !== word.toLocaleLowerCase()}
            loading={pending}
          >
            {t("disconnect.open")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const PARTS = ["revoke_credit", "deregister_number", "unsubscribe_app", "unassign_system_user", "erase_token"] as const;
type Part = (typeof PARTS)[number];

function Outcome({ parts, onDone }: { parts: Schemas["DisconnectionPart"][]; onDone: () => void }) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const known = (what: string): what is Part => PARTS.some((part) => part === what);
  return (
    <Stack role="status">
      <Text>{t("disconnect.done")}</Text>
      <List spacing="sm" center listStyleType="none">
        {parts.map(({ what, done, problem }, place) => (
          <List.Item
            key={what + String(place)}
            icon={done ? <Check size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
          >
            {known(what) ? t(`disconnect.part.${what}`) : what}
            {problem && (
              <Text size="sm" c="dimmed">
                {say(problem.sentence)} {say(problem.action)}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
      <Notice>{t("disconnect.atMeta")}</Notice>
      <Group justify="flex-end">
        <Button onClick={onDone}>{t("close", { ns: "app" })}</Button>
      </Group>
    </Stack>
  );
}
