/** Setting a second factor up: prove, scan, confirm, keep the codes. */
import { Button, Center, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { meQuery } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert } from "@/ui/Problem";
import { QrCode } from "@/ui/QrCode";
import { Copyable, Secret } from "@/ui/Secret";
import { ProofForm } from "./ProofForm";

export function EnrolSecondFactor({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("identity");
  const enrol = useMutation({
    mutationFn: (password: string) => answer(api.POST("/api/v1/me/second-factor", { body: { password } })),
  });
  if (enrol.data) return <ConfirmFactor factor={enrol.data} onDone={onDone} />;
  return (
    <ProofForm send={t("factor.next")} pending={enrol.isPending} error={enrol.error} onProof={enrol.mutate} onCancel={onDone}>
      <Text>{t("factor.begin")}</Text>
    </ProofForm>
  );
}

function ConfirmFactor({ factor, onDone }: { factor: Schemas["SecondFactor"]; onDone: () => void }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/me/second-factor/confirm", { body: { code: code.replace(/\s/g, "") } })),
    onSuccess: () => queries.invalidateQueries(meQuery),
  });
  if (confirm.data) {
    return (
      <Stack>
        <Text role="status">{t("factor.codesWhy")}</Text>
        <Secret label={t("factor.codes")} value={confirm.data.recovery_codes.join("\n")} />
        <Button onClick={onDone}>{t("factor.kept")}</Button>
      </Stack>
    );
  }
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <Text>{t("factor.scan")}</Text>
        <Center>
          <QrCode value={factor.uri} label={t("factor.qr")} size={200} />
        </Center>
        <Copyable label={t("factor.secret")} value={factor.secret} />
        <ProblemAlert error={confirm.error} />
        <TextInput
          label={t("factor.code")}
          inputMode="numeric"
          autoComplete="one-time-code"
          minLength={6}
          maxLength={10}
          required
          withAsterisk={false}
          data-autofocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <FormActions send={t("factor.confirm")} pending={confirm.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
