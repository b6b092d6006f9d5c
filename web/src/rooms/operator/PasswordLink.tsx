/** Helping somebody who forgot their password, where no mail server is configured. */
import { Button, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { LifeBuoy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { Secret } from "@/ui/Secret";

export function PasswordLink() {
  const { t } = useTranslation("operator");
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<LifeBuoy size={16} aria-hidden />} onClick={open}>
        {t("password.open")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("password.title")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <PasswordLinkForm onDone={close} />
      </Modal>
    </>
  );
}

function PasswordLinkForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("operator");
  const form = useForm({ initialValues: { email: "" } });
  const make = useMutation({
    mutationFn: (body: { email: string }) => answer(api.POST("/api/v1/operator/password-resets", { body })),
  });
  const problem = useProblemInForm(form, make.error);
  if (make.data) {
    return (
      <Stack>
        <Secret label={t("password.link")} value={make.data.link} />
        <Button onClick={onDone}>{t("done", { ns: "app" })}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack>
        <Text size="sm">{t("password.effect")}</Text>
        <ProblemAlert error={problem} />
        <TextInput
          type="email"
          label={t("password.email")}
          autoComplete="off"
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps("email")}
        />
        <FormActions send={t("password.make")} pending={make.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
