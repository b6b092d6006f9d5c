/** A new account for somebody who is invited: a name and a password. */
import { Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";

interface NewAccountFormProps {
  /** Whom the invitation is for. */
  email: string;
  send: string;
  pending: boolean;
  error: unknown;
  onSend: (account: Schemas["NewAccount"]) => void;
}

export function NewAccountForm({ email, send, pending, error, onSend }: NewAccountFormProps) {
  const { t, i18n } = useTranslation("identity");
  const form = useForm({ initialValues: { account: { name: "", password: "" } } });
  const problem = useProblemInForm(form, error);
  const locale = i18n.language as Schemas["Locale"];
  return (
    <form onSubmit={form.onSubmit(({ account }) => onSend({ ...account, locale }))}>
      <Stack>
        <ProblemAlert error={problem} />
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <TextInput
          label={t("join.name")}
          autoComplete="name"
          maxLength={100}
          required
          withAsterisk={false}
          {...form.getInputProps("account.name")}
        />
        <PasswordField
          label={t("join.password")}
          description={t("password.hint")}
          autoComplete="new-password"
          minLength={10}
          maxLength={200}
          required
          withAsterisk={false}
          {...form.getInputProps("account.password")}
        />
        <Button type="submit" loading={pending}>
          {send}
        </Button>
      </Stack>
    </form>
  );
}
