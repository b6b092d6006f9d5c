/** Adding a passkey: prove who one is, then let the browser make it. */
import { Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { tellDone } from "@/ui/Problem";
import { device } from "./device";
import { ProofForm } from "./ProofForm";
import { passkeysQuery } from "./queries";
import { makePasskey } from "./webauthn";

export function AddPasskey({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const [name, setName] = useState(() => device(navigator.userAgent));
  const add = useMutation({
    mutationFn: async (password: string) => {
      const { ceremony, options } = await answer(api.POST("/api/v1/me/passkeys", { body: { password } }));
      const credential = await makePasskey(options, { stopped: t("passkeys.stopped"), known: t("passkeys.known") });
      return answer(api.POST("/api/v1/me/passkeys/confirm", { body: { ceremony, name, credential } }));
    },
    onSuccess: async () => {
      onDone();
      tellDone(t("passkeys.done"));
      await queries.invalidateQueries(passkeysQuery);
    },
  });
  return (
    <ProofForm send={t("passkeys.add")} pending={add.isPending} error={add.error} onProof={add.mutate} onCancel={onDone}>
      <Text>{t("passkeys.addEffect")}</Text>
      <TextInput
        label={t("passkeys.name")}
        description={t("passkeys.nameHint")}
        maxLength={100}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </ProofForm>
  );
}
