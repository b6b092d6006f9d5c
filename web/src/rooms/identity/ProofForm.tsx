/** One's password, to prove that it is oneself. */
import { Stack } from "@mantine/core";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useMe } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert } from "@/ui/Problem";

interface ProofFormProps {
  /** What is to be known or filled in besides. */
  children?: ReactNode;
  /** What sending does. */
  send: string;
  pending: boolean;
  error: unknown;
  onProof: (password: string) => void;
  onCancel: () => void;
}

export function ProofForm({ children, send, pending, error, onProof, onCancel }: ProofFormProps) {
  const { t } = useTranslation("identity");
  const { person } = useMe();
  const [password, setPassword] = useState("");
  const ofPassword = error instanceof ApiProblem ? error.fields.password : undefined;
  const prove = (event: SyntheticEvent) => {
    event.preventDefault();
    onProof(password);
  };
  return (
    <form onSubmit={prove}>
      <Stack>
        {children}
        <ProblemAlert error={ofPassword ? null : error} />
        <input type="email" autoComplete="username" value={person.email} readOnly hidden />
        <PasswordField
          label={t("proof.password")}
          description={t("proof.why")}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          value={password}
          error={ofPassword}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <FormActions send={send} pending={pending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
