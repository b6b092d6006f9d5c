/** Inviting somebody: by e-mail where there is a mail server, by a link to hand over in any case. */
import { Button, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { Secret } from "@/ui/Secret";
import { RolePicker } from "./RolePicker";

export function InviteButton({ onInvited }: { onInvited: () => Promise<void> }) {
  const { t } = useTranslation("identity");
  const org = useOrg();
  const [opened, { open, close }] = useDisclosure();
  const form = useForm<Schemas["InviteRequest"]>({ initialValues: { email: "", role: "agent" } });
  const invite = useMutation({
    mutationFn: (body: Schemas["InviteRequest"]) =>
      answer(api.POST("/api/v1/orgs/{org}/invites", { params: { path: { org } }, body })),
    onSuccess: onInvited,
  });
  const problem = useProblemInForm(form, invite.error);
  const leave = () => {
    close();
    form.reset();
    invite.reset();
  };
  return (
    <>
      <Button leftSection={<UserPlus size={16} aria-hidden />} onClick={open}>
        {t("invite.open")}
      </Button>
      <Modal opened={opened} onClose={leave} title={t("invite.title")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        {invite.data ? (
          <Invited invited={invite.data} onClose={leave} />
        ) : (
          <form onSubmit={form.onSubmit((values) => invite.mutate(values))}>
            <Stack>
              <ProblemAlert error={problem} />
              <TextInput
                type="email"
                label={t("invite.email")}
                autoComplete="off"
                required
                withAsterisk={false}
                data-autofocus
                {...form.getInputProps("email")}
              />
              <RolePicker value={form.values.role} onChange={(role) => form.setFieldValue("role", role)} />
              <FormActions send={t("invite.send")} pending={invite.isPending} onCancel={leave} />
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}

/** The link, and whether it also went by e-mail. */
export function Invited({ invited, onClose }: { invited: Schemas["NewInvite"]; onClose: () => void }) {
  const { t } = useTranslation("identity");
  return (
    <Stack>
      <Text role="status">{t(invited.mailed ? "invite.mailed" : "invite.notMailed", { email: invited.invite.email })}</Text>
      <Secret label={t("invite.link")} value={invited.link} />
      <Button onClick={onClose}>{t("done", { ns: "app" })}</Button>
    </Stack>
  );
}
