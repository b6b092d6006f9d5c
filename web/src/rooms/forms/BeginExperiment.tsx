/** Planning an experiment: what is compared, and how many people that takes. */
import { Alert, Button, Checkbox, Modal, NumberInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { FlaskConical, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { beginExperiment, planQuery, useDeed, type Form, type FormVersion } from "./queries";

/** Where nothing is known yet: as much as many forms reach. */
const USUAL = 30;

export function BeginExperiment({ form, versions }: { form: Form; versions: FormVersion[] }) {
  const { t } = useTranslation("forms");
  const org = useOrg();
  const [opened, { open, close }] = useDisclosure();
  const known = form.views >= 100 ? Math.round((100 * form.confirmed) / form.views) : USUAL;
  const editor = useForm({
    initialValues: { name: "", arms: versions.slice(0, 2).map(({ id }) => id), base: Math.max(1, known), effect: 10 },
  });
  const { arms, base, effect } = editor.values;
  const plan = useQuery({ ...planQuery(org, arms.length, base / 100, effect / 100), enabled: opened && arms.length > 1 });
  const begin = useDeed(beginExperiment(form.id));
  const problem = useProblemInForm(editor, begin.error);
  const send = ({ name, arms, base, effect }: typeof editor.values) => {
    // What people see now is what the others are compared with.
    const first = [...arms].sort((a, b) => Number(b === form.version?.id) - Number(a === form.version?.id));
    begin.mutate({ name, arms: first, base: base / 100, effect: effect / 100 }, { onSuccess: close });
  };
  return (
    <>
      <Button leftSection={<FlaskConical size={16} aria-hidden />} onClick={open}>
        {t("experiment.begin")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("experiment.begin")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <form onSubmit={editor.onSubmit(send)}>
          <Stack>
            <ProblemAlert error={problem} />
            <TextInput label={t("experiment.name")} maxLength={100} required withAsterisk={false} data-autofocus {...editor.getInputProps("name")} />
            <Checkbox.Group label={t("experiment.arms")} description={t("experiment.armsHint")} {...editor.getInputProps("arms")}>
              <Stack gap="xs" mt="xs">
                {versions.map((version) => (
                  <Checkbox
                    key={version.id}
                    value={version.id}
                    label={`${t("versions.name", { count: version.ordinal })}: ${(version.wording.en ?? version.wording.id)?.title ?? ""}`}
                    disabled={arms.length >= 4 && !arms.includes(version.id)}
                  />
                ))}
              </Stack>
            </Checkbox.Group>
            <NumberInput label={t("experiment.base")} description={t("experiment.baseHint")} suffix=" %" min={1} max={99} {...editor.getInputProps("base")} />
            <NumberInput label={t("experiment.effect")} description={t("experiment.effectHint")} min={1} max={98} {...editor.getInputProps("effect")} />
            {plan.data && (
              <Alert variant="light" icon={<Users size={18} aria-hidden />}>
                {t("experiment.size", { people: plan.data.per_arm, all: plan.data.per_arm * arms.length })}
              </Alert>
            )}
            <FormActions send={t("experiment.begin")} pending={begin.isPending} disabled={arms.length < 2} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
