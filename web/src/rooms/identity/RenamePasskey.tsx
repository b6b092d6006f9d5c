/** Giving a passkey another name. */
import { Button, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert } from "@/ui/Problem";
import { passkeysQuery } from "./queries";

export function RenamePasskey({ passkey }: { passkey: Schemas["Passkey"] }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const [name, setName] = useState(passkey.name);
  const rename = useMutation({
    mutationFn: () =>
      answer(api.PATCH("/api/v1/me/passkeys/{passkey}", { params: { path: { passkey: passkey.id } }, body: { name } })),
    onSuccess: async () => {
      close();
      await queries.invalidateQueries(passkeysQuery);
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <>
      <Button variant="default" size="xs" onClick={open} aria-label={t("passkeys.renameNamed", { name: passkey.name })}>
        {t("passkeys.rename")}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t("passkeys.renameNamed", { name: passkey.name })}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        <form onSubmit={send}>
          <Stack>
            <ProblemAlert error={rename.error} />
            <TextInput
              label={t("passkeys.name")}
              maxLength={100}
              required
              withAsterisk={false}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <FormActions pending={rename.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
