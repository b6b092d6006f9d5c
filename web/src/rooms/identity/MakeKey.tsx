/** Making a key of the organisation. */
import { Button, Checkbox, Fieldset, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMembership, useOrg, type Right } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { Copyable, Secret } from "@/ui/Secret";
import { expiry, EXPIRIES, RIGHT_GROUPS } from "./rights";

interface Values {
  name: string;
  days: string;
  rights: Right[];
}

export function MakeKey({ onMade }: { onMade: () => Promise<void> }) {
  const { t } = useTranslation("identity");
  const org = useOrg();
  const [opened, { open, close }] = useDisclosure();
  const form = useForm<Values>({ initialValues: { name: "", days: "365", rights: [] } });
  const make = useMutation({
    mutationFn: ({ name, days, rights }: Values) =>
      answer(
        api.POST("/api/v1/orgs/{org}/keys", {
          params: { path: { org } },
          body: { name, rights, expires_at: expiry(days, Date.now()) },
        }),
      ),
    onSuccess: onMade,
  });
  const problem = useProblemInForm(form, make.error);
  const leave = () => {
    close();
    form.reset();
    make.reset();
  };
  return (
    <>
      <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
        {t("keys.make")}
      </Button>
      <Modal
        opened={opened}
        onClose={leave}
        size="lg"
        title={t("keys.make")}
        closeOnClickOutside={!make.data}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        {make.data ? (
          <Stack>
            <Secret label={t("keys.secret")} value={make.data.secret} />
            <Copyable label={t("keys.example")} value={example(org, make.data.secret)} />
            <Button onClick={leave}>{t("done", { ns: "app" })}</Button>
          </Stack>
        ) : (
          <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
            <Stack>
              <ProblemAlert error={problem} />
              <TextInput
                label={t("keys.name")}
                description={t("keys.nameHint")}
                maxLength={100}
                required
                withAsterisk={false}
                data-autofocus
                {...form.getInputProps("name")}
              />
              <Select
                label={t("keys.expiry")}
                description={t("keys.expiryHint")}
                data={EXPIRIES.map((value) => ({ value, label: t(`expiry.${value}`) }))}
                allowDeselect={false}
                {...form.getInputProps("days")}
              />
              <Checkbox.Group label={t("keys.rights")} description={t("keys.rightsHint")} {...form.getInputProps("rights")}>
                <RightChoice />
              </Checkbox.Group>
              <FormActions
                send={t("keys.make")}
                pending={make.isPending}
                disabled={form.values.rights.length === 0}
                onCancel={leave}
              />
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}

/** What the person may do, and so may give to a key. */
function RightChoice() {
  const { t } = useTranslation("identity");
  const { rights: own } = useMembership();
  return (
    <Stack gap="xs" mt="xs">
      {RIGHT_GROUPS.map(([group, rights]) => {
        const offered = rights.filter((right) => own.includes(right));
        return (
          offered.length > 0 && (
            <Fieldset key={group} legend={t(`rightGroup.${group}`)} p="sm">
              <Stack gap={8}>
                {offered.map((right) => (
                  <Checkbox key={right} value={right} label={t(`right.${right}`)} />
                ))}
              </Stack>
            </Fieldset>
          )
        );
      })}
    </Stack>
  );
}

/** A first call with the key, to be pasted into a terminal. */
function example(org: string, key: string): string {
  return `curl ${location.origin}/api/v1/orgs/${org} \\\n  -H "Authorization: Bearer ${key}"`;
}
