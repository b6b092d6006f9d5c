/** The display name: which one people see, which one was asked for, and what became of it. */
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Notice } from "@/ui/Notice";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { isKnownReason, wantedName } from "./facts";
import { applyName, requestName, useDeed, type PhoneNumber } from "./queries";

export function NameSection({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const state = wantedName(number);
  return (
    <Section title={t("name.title")} about={t("name.about")}>
      <Stack>
        <Text>
          {t("name.shown")} <b>{number.verified_name ?? t("name.none")}</b>
        </Text>
        {state === "none" && number.name_status === "DECLINED" && <Declined number={number} name={number.verified_name ?? ""} />}
        {state === "pending" && (
          <Notice tone="wait" title={t("name.pending", { name: number.wanted_name ?? "" })}>
            {t("name.pendingDetail")}
          </Notice>
        )}
        {state === "declined" && <Declined number={number} name={number.wanted_name ?? ""} />}
        {state === "approved" && <Approved number={number} usable={usable} />}
        {usable && state !== "approved" && <NameForm number={number} />}
      </Stack>
    </Section>
  );
}

function Declined({ number, name }: { number: PhoneNumber; name: string }) {
  const { t } = useTranslation("numbers");
  const reason = number.name_reason ?? "";
  return (
    <Notice tone="bad" title={t("name.declined", { name })}>
      <Text size="sm">{isKnownReason(reason) ? t(`name.reason.${reason}`) : t("name.reason.other", { reason: reason || "–" })}</Text>
      <Text size="sm">{t("name.declinedDetail")}</Text>
    </Notice>
  );
}

function Approved({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const apply = useDeed(number.id, applyName);
  return (
    <Notice tone="good" title={t("name.approved", { name: number.wanted_name ?? "" })}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t("name.approvedDetail")}</Text>
        <ProblemAlert error={apply.error} />
        {usable && (
          <Button size="xs" loading={apply.isPending} onClick={() => apply.mutate(undefined, { onSuccess: () => tellDone(t("name.used")) })}>
            {t("name.use")}
          </Button>
        )}
      </Stack>
    </Notice>
  );
}

function NameForm({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation("numbers");
  const request = useDeed(number.id, requestName);
  const form = useForm({
    initialValues: { name: "" },
    validate: { name: (name) => (name.trim().length < 3 ? t("name.tooShort") : null) },
  });
  const problem = useProblemInForm(form, request.error);
  const ask = async () => {
    if (form.validate().hasErrors) return;
    await request.mutateAsync(form.getValues().name.trim());
    form.reset();
    tellDone(t("name.asked"));
  };
  return (
    <form onSubmit={form.onSubmit(() => undefined)}>
      <Stack gap="sm">
        <ProblemAlert error={problem} />
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t("name.new")}
            description={t("name.newHint")}
            maxLength={100}
            flex="1 1 260px"
            {...form.getInputProps("name")}
          />
          <ConfirmButton
            title={t("name.question")}
            effect={t("name.effect")}
            confirm={t("name.ask")}
            size="sm"
            disabled={form.values.name.trim().length < 3}
            onConfirm={ask}
          >
            {t("name.ask")}
          </ConfirmButton>
        </Group>
      </Stack>
    </form>
  );
}
