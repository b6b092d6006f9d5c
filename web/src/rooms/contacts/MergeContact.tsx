/** Two contacts are one person: which other one, and what of both is kept. */
import { Alert, Button, Group, Modal, Select, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { contactQuery } from "@/rooms/inbox/queries";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { kept, refuses } from "./merging";
import { foundQuery, useMerge, type ContactDetail } from "./queries";

export function MergeContact({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation("contacts");
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        {t("merge.button")}
      </Button>
      <Modal opened={opened} onClose={close} size="lg" title={t("merge.title", { name: contact.display_name })} closeButtonProps={{ "aria-label": t("close") }}>
        <MergeForm contact={contact} onDone={close} />
      </Modal>
    </>
  );
}

function MergeForm({ contact, onDone }: { contact: ContactDetail; onDone: () => void }) {
  const { t } = useTranslation("contacts");
  const org = useOrg();
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words.trim(), 250);
  const [chosen, setChosen] = useState<string | null>(null);
  const { data: found = [] } = useQuery(foundQuery(org, q));
  const { data: other } = useQuery({ ...contactQuery(org, chosen ?? ""), enabled: chosen !== null });
  const merge = useMerge(contact.id);
  const named = (one: { display_name: string; phone?: string | null }) => (one.phone ? `${one.display_name} (+${one.phone})` : one.display_name);
  const choices = found.filter((one) => one.id !== contact.id).map((one) => ({ value: one.id, label: named(one) }));
  const isListed = choices.some((one) => one.value === chosen);
  return (
    <Stack>
      <Text size="sm">{t("merge.about")}</Text>
      <Select
        label={t("merge.other")}
        placeholder={t("search")}
        searchable
        clearable
        data-autofocus
        nothingFoundMessage={q.length > 1 ? t("nobody.title") : undefined}
        filter={({ options }) => options}
        data={other && chosen && !isListed ? [{ value: chosen, label: named(other) }, ...choices] : choices}
        value={chosen}
        onChange={setChosen}
        onSearchChange={setWords}
      />
      {other && chosen && (
        <>
          <Table aria-label={t("merge.kept")} withRowBorders={false}>
            <Table.Tbody>
              {kept(contact, other).map(({ field, value }) => (
                <Table.Tr key={field}>
                  <Table.Th w={160} fw={500}>
                    {t(`merge.field.${field}`)}
                  </Table.Th>
                  <Table.Td>{value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text size="sm" c="dimmed">
            {t("merge.all")}
          </Text>
          {(refuses(contact) || refuses(other)) && (
            <Alert variant="light" color="orange" title={t("merge.refused")}>
              {t("merge.refusedDetail")}
            </Alert>
          )}
        </>
      )}
      <ProblemAlert error={merge.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t("cancel")}
        </Button>
        <Button
          disabled={!other || !chosen}
          loading={merge.isPending}
          onClick={() =>
            chosen &&
            merge.mutate(chosen, {
              onSuccess: () => {
                tellDone(t("merge.done"));
                onDone();
              },
            })
          }
        >
          {t("merge.confirm")}
        </Button>
      </Group>
    </Stack>
  );
}
