/** Signing in by finger, face or PIN; no address is needed. */
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { ProblemAlert } from "@/ui/Problem";
import { provePasskey } from "./webauthn";

export function PasskeySignIn({ onSignedIn }: { onSignedIn: () => Promise<void> }) {
  const { t } = useTranslation("identity");
  const signIn = useMutation({
    mutationFn: async () => {
      const { ceremony, options } = await answer(api.POST("/api/v1/session/passkey"));
      const credential = await provePasskey(options, { stopped: t("signIn.stopped"), known: t("signIn.stopped") });
      return answer(api.POST("/api/v1/session/passkey/finish", { body: { ceremony, credential } }));
    },
    onSuccess: onSignedIn,
  });
  return (
    <>
      <ProblemAlert error={signIn.error} />
      <Button
        variant="default"
        fullWidth
        leftSection={<Fingerprint size={18} aria-hidden />}
        loading={signIn.isPending}
        onClick={() => signIn.mutate()}
      >
        {t("signIn.passkey")}
      </Button>
    </>
  );
}
