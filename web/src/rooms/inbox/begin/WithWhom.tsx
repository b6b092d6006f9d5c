/** With whom a conversation is begun, and from which of the numbers. */
import { Group, Loader, Select, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Phone, Search } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { useMay, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Face } from "@/ui/Face";
import { ProblemAlert } from "@/ui/Problem";
import classes from "../composer/Composer.module.css";
import { contactsQuery, numbersQuery } from "../queries";
import { isKnown, typedNumber, type Recipient } from "./recipient";

export function WithWhom({ onBegun }: { onBegun: (conversation: string) => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay();
  const numbers = useQuery({ ...numbersQuery(org), enabled: may("connections.read") });
  const [chosen, setChosen] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words.trim(), 200);
  const contacts = useQuery(contactsQuery(org, asked));
  const from = chosen ?? numbers.data?.[0]?.id;
  const begin = useMutation({
    mutationFn: (recipient: Recipient) =>
      answer(api.POST("/api/v1/orgs/{org}/conversations", { params: { path: { org } }, body: { ...recipient, number_id: from ?? "" } })),
    onSuccess: ({ id }) => onBegun(id),
  });
  if (!from && !numbers.isLoading) {
    return (
      <EmptyState icon={Phone} title={t("begin.noNumber")}>
        {t("begin.noNumberDetail")}
      </EmptyState>
    );
  }
  const found = contacts.data ?? [];
  const badNumber = begin.error instanceof ApiProblem ? begin.error.fields.phone : undefined;
  const typed = typedNumber(words);
  const isNew = typed !== null && asked === words.trim() && !contacts.isPending && !isKnown(typed, found);
  const option = (key: string, recipient: Recipient, face: ReactNode, name: string, more?: string | null) => (
    <UnstyledButton key={key} className={classes.template} disabled={begin.isPending || !from} onClick={() => begin.mutate(recipient)}>
      <Group gap="sm" wrap="nowrap">
        {face}
        <div>
          <Text size="sm" fw={500}>
            {name}
          </Text>
          {more && (
            <Text size="xs" c="dimmed">
              {more}
            </Text>
          )}
        </div>
      </Group>
    </UnstyledButton>
  );
  return (
    <Stack>
      {(numbers.data?.length ?? 0) > 1 && (
        <Select
          label={t("begin.from")}
          data={numbers.data?.map(({ id, display, verified_name: name }) => ({ value: id, label: name ? `${name} · ${display}` : display }))}
          value={from ?? null}
          allowDeselect={false}
          onChange={setChosen}
        />
      )}
      <TextInput
        label={t("begin.to")}
        description={t("begin.toHint")}
        leftSection={<Search size={16} aria-hidden />}
        value={words}
        error={badNumber}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          begin.reset();
        }}
        data-autofocus
      />
      <ProblemAlert error={badNumber ? contacts.error : (begin.error ?? contacts.error)} />
      <div className={classes.templates}>
        {isNew && option("new", { phone: typed }, <Phone size={20} aria-hidden />, t("begin.number", { number: typed }), t("begin.numberHint"))}
        {found.map((one) =>
          option(
            one.id,
            { contact_id: one.id },
            <Face name={one.display_name} size={32} />,
            one.display_name,
            one.phone ? `+${one.phone}` : one.username && `@${one.username}`,
          ),
        )}
      </div>
      <div role="status">
        {contacts.isPending && <Loader size="sm" aria-label={t("loading", { ns: "app" })} />}
        {!contacts.isPending && found.length === 0 && !isNew && <Text size="sm">{t("begin.nobody")}</Text>}
      </div>
    </Stack>
  );
}
