/** What can be done with a source. */
import { Button, FileButton, Group, Loader, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { Download, FileUp, PencilLine, RotateCw, Trash2 } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellProblem } from "@/ui/Problem";
import { READABLE } from "./AddMenu";
import { fileAddress, readSourceAgain, renameSource, replaceFile, useRemoveSource, useSourceDeed, type Source } from "./queries";

export function SourceActions({ source }: { source: Source }) {
  const { t } = useTranslation("knowledge");
  const org = useOrg();
  const mayWrite = useMay()("knowledge.write");
  return (
    <Group gap="xs">
      {mayWrite && <Rename source={source} />}
      {mayWrite && source.kind === "file" && <ReplaceFile source={source} />}
      {mayWrite && <ReadAgain source={source} />}
      <Button
        variant="default"
        size="xs"
        component="a"
        href={fileAddress(org, source.id)}
        download
        leftSection={<Download size={14} aria-hidden />}
      >
        {t("download")}
      </Button>
      {mayWrite && <Remove source={source} />}
    </Group>
  );
}

function ReadAgain({ source }: { source: Source }) {
  const { t } = useTranslation("knowledge");
  const read = useSourceDeed(readSourceAgain(source.id));
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={source.state === "pending" ? <Loader size={12} aria-hidden /> : <RotateCw size={14} aria-hidden />}
      loading={read.isPending}
      disabled={source.state === "pending"}
      onClick={() => read.mutate(undefined, { onError: tellProblem })}
    >
      {t("readAgain")}
    </Button>
  );
}

function ReplaceFile({ source }: { source: Source }) {
  const { t } = useTranslation("knowledge");
  const replace = useSourceDeed(replaceFile(source.id));
  return (
    <FileButton accept={READABLE} onChange={(file) => file && replace.mutate(file, { onError: tellProblem })}>
      {(props) => (
        <Button variant="default" size="xs" leftSection={<FileUp size={14} aria-hidden />} loading={replace.isPending} {...props}>
          {t("replaceFile")}
        </Button>
      )}
    </FileButton>
  );
}

function Rename({ source }: { source: Source }) {
  const { t } = useTranslation("knowledge");
  const [opened, { open, close }] = useDisclosure();
  const [title, setTitle] = useState(source.title);
  const rename = useSourceDeed(renameSource(source.id));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    rename.mutate(title, { onSuccess: close });
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<PencilLine size={14} aria-hidden />} onClick={open}>
        {t("rename")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("rename")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <form onSubmit={send}>
          <Stack>
            <ProblemAlert error={rename.error} />
            <TextInput
              label={t("titleField")}
              description={t("titleHint")}
              maxLength={200}
              required
              withAsterisk={false}
              data-autofocus
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <FormActions pending={rename.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Remove({ source }: { source: Source }) {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const remove = useRemoveSource();
  const gone = async () => {
    await remove(source.id);
    await navigate({ to: `/o/${slug}/knowledge` });
  };
  return (
    <ConfirmButton
      title={t("remove.title", { title: source.title })}
      effect={t("remove.effect", { count: source.passages })}
      confirm={t("remove.confirm")}
      danger
      color="red"
      leftSection={<Trash2 size={14} aria-hidden />}
      onConfirm={gone}
    >
      {t("remove.open")}
    </ConfirmButton>
  );
}
