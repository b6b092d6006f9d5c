/** Signing in by finger, face or PIN. */
import { Button, Group, Modal, Text, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Fingerprint, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { AddPasskey } from "./AddPasskey";
import { ProofForm } from "./ProofForm";
import { passkeysQuery } from "./queries";
import { RenamePasskey } from "./RenamePasskey";
import { knowsPasskeys } from "./webauthn";

export function Passkeys() {
  const { t } = useTranslation("identity");
  const { data: passkeys } = useSuspenseQuery(passkeysQuery);
  const [adding, { open, close }] = useDisclosure();
  return (
    <Section title={t("passkeys.title")} about={t("passkeys.about")}>
      {passkeys.length > 0 && (
        <Rows label={t("passkeys.title")}>
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} />
          ))}
        </Rows>
      )}
      <Group justify="space-between">
        <Text size="sm" c="dimmed" flex={1}>
          {knowsPasskeys() ? passkeys.length === 0 && t("passkeys.none") : t("passkeys.unknown")}
        </Text>
        <Button variant="default" leftSection={<Plus size={16} aria-hidden />} disabled={!knowsPasskeys()} onClick={open}>
          {t("passkeys.add")}
        </Button>
      </Group>
      <Modal opened={adding} onClose={close} title={t("passkeys.add")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <AddPasskey onDone={close} />
      </Modal>
    </Section>
  );
}

function PasskeyRow({ passkey }: { passkey: Schemas["Passkey"] }) {
  const { t } = useTranslation("identity");
  const [removing, removal] = useDisclosure();
  const { name } = passkey;
  return (
    <Row
      mark={
        <ThemeIcon size={38} variant="light" aria-hidden>
          <Fingerprint size={20} />
        </ThemeIcon>
      }
      title={name}
      facts={
        <Facts>
          {[
            <span key="added">
              {t("passkeys.added")} <Time at={passkey.created_at} format="day" />
            </span>,
            passkey.last_used_at ? (
              <span key="used">
                {t("keys.used")} <Time at={passkey.last_used_at} />
              </span>
            ) : (
              t("keys.unused")
            ),
            t(passkey.backed_up ? "passkeys.synced" : "passkeys.here"),
          ]}
        </Facts>
      }
      actions={
        <>
          <RenamePasskey passkey={passkey} />
          <Button variant="default" size="xs" onClick={removal.open} aria-label={t("passkeys.removeNamed", { name })}>
            {t("passkeys.remove")}
          </Button>
        </>
      }
    >
      <Modal
        opened={removing}
        onClose={removal.close}
        title={t("passkeys.removeNamed", { name })}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        <RemovePasskey passkey={passkey} onDone={removal.close} />
      </Modal>
    </Row>
  );
}

function RemovePasskey({ passkey, onDone }: { passkey: Schemas["Passkey"]; onDone: () => void }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (password: string) =>
      answer(api.POST("/api/v1/me/passkeys/{passkey}/remove", { params: { path: { passkey: passkey.id } }, body: { password } })),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries(passkeysQuery);
    },
  });
  return (
    <ProofForm send={t("passkeys.remove")} pending={remove.isPending} error={remove.error} onProof={remove.mutate} onCancel={onDone}>
      <Text>{t("passkeys.removeEffect")}</Text>
    </ProofForm>
  );
}
