/** Takes pairs from a spreadsheet or a CSV file. */
import { Button, FileButton, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { pairsOf } from "./pairs";
import type { Pair } from "./queries";

interface PasteTableProps {
  onPairs: (pairs: Pair[]) => void;
  /** What opens it. */
  children: (open: () => void) => ReactNode;
}

export function PasteTable({ onPairs, children }: PasteTableProps) {
  const { t } = useTranslation("knowledge");
  const [opened, { open, close }] = useDisclosure();
  const [text, setText] = useState("");
  const pairs = pairsOf(text);
  const take = () => {
    onPairs(pairs);
    setText("");
    close();
  };
  return (
    <>
      {children(open)}
      <Modal opened={opened} onClose={close} title={t("paste.title")} size="lg" closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <Stack>
          <Textarea
            label={t("paste.label")}
            description={t("paste.hint")}
            placeholder={t("paste.placeholder")}
            rows={8}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
          <Group justify="space-between">
            <FileButton accept=".csv,.tsv,.txt" onChange={(file) => void file?.text().then(setText)}>
              {(props) => (
                <Button variant="default" {...props}>
                  {t("paste.file")}
                </Button>
              )}
            </FileButton>
            <Group>
              <Text size="sm" c="dimmed" aria-live="polite">
                {text && t("paste.found", { count: pairs.length })}
              </Text>
              <Button disabled={pairs.length === 0} onClick={take}>
                {t("paste.take")}
              </Button>
            </Group>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
