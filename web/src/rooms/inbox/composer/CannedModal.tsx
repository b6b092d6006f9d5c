/** The canned replies: what there is, a new one, the way to change and remove them. */
import { ActionIcon, Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PenLine, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { ProblemAlert, tellProblem, useProblemInForm } from "@/ui/Problem";
import { cannedQuery } from "../queries";
import classes from "./Composer.module.css";

type Canned = Schemas["CannedReply"];

export function CannedModal({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={isOpen} onClose={onClose} title={t("canned.title")} size="lg" closeButtonProps={{ "aria-label": t("close") }}>
      {isOpen && <CannedList />}
    </Modal>
  );
}

function CannedList() {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const queries = useQueryClient();
  const { data = [], error } = useQuery(cannedQuery(org));
  const [changed, setChanged] = useState<Canned | null>(null);
  const remove = useMutation({
    mutationFn: (reply: string) =>
      answer(api.DELETE("/api/v1/orgs/{org}/canned-replies/{reply}", { params: { path: { org, reply } } })),
    onSuccess: () => queries.invalidateQueries(cannedQuery(org)),
    onError: tellProblem,
  });
  return (
    <Stack>
      <ProblemAlert error={error} />
      <Text size="sm" c="dimmed">
        {t("canned.about")}
      </Text>
      <CannedForm key={changed?.id ?? "new"} canned={changed} onDone={() => setChanged(null)} />
      <div className={classes.templates}>
        {data.map((one) => (
          <Group key={one.id} wrap="nowrap" className={classes.file} gap="xs">
            <div style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm" fw={600}>
                /{one.shortcut}
              </Text>
              <Text size="sm" c="dimmed" lineClamp={2}>
                {one.text}
              </Text>
            </div>
            <ActionIcon variant="subtle" color="gray" aria-label={t("canned.change", { shortcut: one.shortcut })} onClick={() => setChanged(one)}>
              <PenLine size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="red"
              loading={remove.isPending && remove.variables === one.id}
              aria-label={t("canned.remove", { shortcut: one.shortcut })}
              onClick={() => remove.mutate(one.id)}
            >
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
      </div>
    </Stack>
  );
}

function CannedForm({ canned, onDone }: { canned: Canned | null; onDone: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const queries = useQueryClient();
  const form = useForm<Schemas["CannedReplyText"]>({
    initialValues: { shortcut: canned?.shortcut ?? "", text: canned?.text ?? "" },
    validate: {
      shortcut: (shortcut) => (/^[\p{L}\p{N}_-]+$/u.test(shortcut) ? null : t("canned.badShortcut")),
      text: (text) => (text.trim() ? null : t("form.needed")),
    },
  });
  const save = useMutation({
    mutationFn: (body: Schemas["CannedReplyText"]) =>
      canned
        ? answer(api.PUT("/api/v1/orgs/{org}/canned-replies/{reply}", { params: { path: { org, reply: canned.id } }, body }))
        : answer(api.POST("/api/v1/orgs/{org}/canned-replies", { params: { path: { org } }, body })),
    onSuccess: async () => {
      await queries.invalidateQueries(cannedQuery(org));
      form.reset();
      onDone();
    },
  });
  const said = useProblemInForm(form, save.error);
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="xs">
        <ProblemAlert error={said} />
        <TextInput label={t("canned.shortcut")} leftSection="/" maxLength={40} data-autofocus {...form.getInputProps("shortcut")} />
        <Textarea label={t("form.body")} description={t("canned.hint", { sign: "{{name}}" })} autosize minRows={2} maxLength={4096} {...form.getInputProps("text")} />
        <Group gap="xs">
          <Button type="submit" size="compact-md" loading={save.isPending}>
            {t(canned ? "save" : "canned.add")}
          </Button>
          {canned && (
            <Button size="compact-md" variant="default" onClick={onDone}>
              {t("cancel")}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
