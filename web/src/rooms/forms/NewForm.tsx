/** Making a form: what it is called, for which number, and how an agreement is confirmed. */
import { Button, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { DoubleOptIn } from "./DoubleOptIn";
import { NumberPicker } from "./NumberPicker";
import { makeForm, useDeed, type FormRequest } from "./queries";

export function NewForm() {
  const { t } = useTranslation("forms");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure();
  const form = useForm({ initialValues: { name: "", number_id: null as string | null, double_opt_in: "whatsapp" as FormRequest["double_opt_in"] } });
  const make = useDeed(makeForm);
  const problem = useProblemInForm(form, make.error);
  return (
    <>
      <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
        {t("make")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("make")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <form
          onSubmit={form.onSubmit((values) =>
            make.mutate(values, { onSuccess: (made) => void navigate({ to: `/o/${slug}/forms/${made.id}` }) }),
          )}
        >
          <Stack>
            <ProblemAlert error={problem} />
            <TextInput
              label={t("name")}
              description={t("nameHint")}
              maxLength={100}
              required
              withAsterisk={false}
              data-autofocus
              {...form.getInputProps("name")}
            />
            <NumberPicker {...form.getInputProps("number_id")} />
            <DoubleOptIn {...form.getInputProps("double_opt_in")} />
            <FormActions send={t("make")} pending={make.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
