/** A code of one's phone besides the password. */
import { Badge, Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { meQuery, useMe } from "@/app/session";
import { tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { EnrolSecondFactor } from "./EnrolSecondFactor";
import { ProofForm } from "./ProofForm";

export function SecondFactor() {
  const { t } = useTranslation("identity");
  const { person, recovery_codes_left } = useMe();
  const [opened, { open, close }] = useDisclosure();
  return (
    <Section title={t("factor.title")} about={t("factor.about")}>
      <Group justify="space-between">
        <Group gap="xs">
          <Badge color={person.second_factor ? "sapa" : "gray"} variant="light">
            {t(person.second_factor ? "factor.on" : "factor.off")}
          </Badge>
          {person.second_factor && <Text size="sm">{t("factor.left", { count: recovery_codes_left })}</Text>}
        </Group>
        <Button variant="default" onClick={open}>
          {t(person.second_factor ? "factor.remove" : "factor.setUp")}
        </Button>
      </Group>
      <Modal
        opened={opened}
        onClose={close}
        closeOnClickOutside={false}
        title={t(person.second_factor ? "factor.remove" : "factor.setUp")}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        {opened && <Steps onDone={close} />}
      </Modal>
    </Section>
  );
}

/** Setting it up tells codes at the end, when it is in use already: what was begun is what goes on. */
function Steps({ onDone }: { onDone: () => void }) {
  const { person } = useMe();
  const [removing] = useDisclosure(person.second_factor);
  return removing ? <RemoveSecondFactor onDone={onDone} /> : <EnrolSecondFactor onDone={onDone} />;
}

function RemoveSecondFactor({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (password: string) => answer(api.POST("/api/v1/me/second-factor/remove", { body: { password } })),
    onSuccess: async () => {
      await queries.invalidateQueries(meQuery);
      tellDone(t("factor.removed"));
      onDone();
    },
  });
  return (
    <ProofForm send={t("factor.remove")} pending={remove.isPending} error={remove.error} onProof={remove.mutate} onCancel={onDone}>
      <Text>{t("factor.removeEffect")}</Text>
    </ProofForm>
  );
}
