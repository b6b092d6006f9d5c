/** A button whose effect is told before it is done. */
import { Button, Group, Modal, Stack, Text, type ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "./Problem";

interface Question {
  /** What is asked. */
  title: string;
  /** What will happen, and whether it can be undone. */
  effect: ReactNode;
  /** What the button that does it says. */
  confirm: string;
  /** Whether something is lost by it. */
  danger?: boolean;
  /** Does it. A failure is shown in the dialog. */
  onConfirm: () => Promise<unknown>;
}

/** The dialog alone, for where a menu opens it. */
export function Confirm({ opened, onClose, title, effect, confirm, danger, onConfirm }: Question & { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const deed = useMutation({ mutationFn: onConfirm, onSuccess: close });
  function close() {
    deed.reset();
    onClose();
  }
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ "aria-label": t("close") }}>
      <Stack>
        <Text component="div">{effect}</Text>
        <ProblemAlert error={deed.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t("cancel")}
          </Button>
          <Button color={danger ? "red.9" : undefined} loading={deed.isPending} onClick={() => deed.mutate()}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** A button and its dialog. */
export function ConfirmButton({ title, effect, confirm, danger, onConfirm, ...button }: Question & ButtonProps & { "aria-label"?: string }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" size="xs" {...button} onClick={open} />
      <Confirm {...{ opened, title, effect, confirm, danger, onConfirm }} onClose={close} />
    </>
  );
}
