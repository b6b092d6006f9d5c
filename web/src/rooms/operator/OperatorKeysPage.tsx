/** Keys by which programs run the installation. */
import { Button, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { KeyRows } from "@/rooms/identity/KeyRows";
import { expiry, EXPIRIES } from "@/rooms/identity/rights";
import { EmptyState } from "@/ui/EmptyState";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { Secret } from "@/ui/Secret";
import { keysQuery } from "./queries";

export function OperatorKeysPage() {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const { data: keys } = useSuspenseQuery(keysQuery);
  const [opened, { open, close }] = useDisclosure();
  const revoke = async (key: string) => {
    await answer(api.DELETE("/api/v1/operator/keys/{key}", { params: { path: { key } } }));
    await queries.invalidateQueries(keysQuery);
  };
  return (
    <Page
      title={t("keys.title")}
      about={t("keys.about")}
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
          {t("keys.make")}
        </Button>
      }
    >
      {keys.length > 0 ? (
        <KeyRows keys={keys} revoke={revoke} />
      ) : (
        <EmptyState icon={KeyRound} title={t("keys.none")}>
          {t("keys.about")}
        </EmptyState>
      )}
      <Modal opened={opened} onClose={close} title={t("keys.make")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <MakeOperatorKey onDone={close} />
      </Modal>
    </Page>
  );
}

function MakeOperatorKey({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const form = useForm({ initialValues: { name: "", days: "90" } });
  const make = useMutation({
    mutationFn: ({ name, days }: typeof form.values) =>
      answer(api.POST("/api/v1/operator/keys", { body: { name, expires_at: expiry(days, Date.now()) } })),
    onSuccess: () => queries.invalidateQueries(keysQuery),
  });
  const problem = useProblemInForm(form, make.error);
  if (make.data) {
    return (
      <Stack>
        <Secret label={t("keys.secret")} value={make.data.secret} />
        <Button onClick={onDone}>{t("done", { ns: "app" })}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack>
        <ProblemAlert error={problem} />
        <TextInput label={t("keys.name")} maxLength={100} required withAsterisk={false} data-autofocus {...form.getInputProps("name")} />
        <Select
          label={t("keys.expiry")}
          data={EXPIRIES.map((value) => ({ value, label: t(`expiry.${value}`, { ns: "identity" }) }))}
          allowDeselect={false}
          {...form.getInputProps("days")}
        />
        <FormActions send={t("keys.make")} pending={make.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
