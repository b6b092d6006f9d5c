/** The cards of a carousel: each a picture or film, perhaps some words, and one or two buttons. */
import { Button, Group, Paper, Select, Stack, Text, Textarea } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { newCard, type Card } from "../editing";
import { rulesQuery } from "../queries";
import { ButtonsEditor } from "./ButtonsEditor";
import { Looked, useFault } from "./looked";
import { SampleField } from "./SampleField";

export function CardsEditor({ cards, onChange }: { cards: Card[]; onChange: (cards: Card[]) => void }) {
  const { t } = useTranslation("templates");
  const { data: rules } = useSuspenseQuery(rulesQuery(useOrg()));
  const fault = useFault("carousel", "cards");
  const change = (at: number, card: Card) => onChange(cards.map((one, place) => (place === at ? card : one)));
  return (
    <Stack gap="xs" role="group" aria-label={t("editor.cards")}>
      <Text size="sm" fw={500}>
        {t("editor.cards")}
      </Text>
      {cards.map((card, at) => (
        <Paper key={at} withBorder p="sm">
          <Stack gap="xs">
            <Group justify="space-between">
              <Text size="sm" fw={600}>
                {t("editor.card", { number: at + 1 })}
              </Text>
              {cards.length > rules.least_cards && (
                <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Trash2 size={14} aria-hidden />} onClick={() => onChange(cards.filter((_, place) => place !== at))}>
                  {t("editor.removeCard")}
                </Button>
              )}
            </Group>
            <CardFields at={at} card={card} most={{ body: rules.card_body, buttons: rules.card_buttons }} onChange={(one) => change(at, one)} />
          </Stack>
        </Paper>
      ))}
      {fault && (
        <Text size="xs" c="error">
          {fault}
        </Text>
      )}
      {cards.length < rules.most_cards && (
        <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />} style={{ alignSelf: "flex-start" }} onClick={() => onChange([...cards, newCard()])}>
          {t("editor.addCard")}
        </Button>
      )}
    </Stack>
  );
}

interface CardFieldsProps {
  at: number;
  card: Card;
  most: { body: number; buttons: number };
  onChange: (card: Card) => void;
}

function CardFields({ at, card, most, onChange }: CardFieldsProps) {
  const { t } = useTranslation("templates");
  const path = `cards[${at}]`;
  const fault = useFault("carousel", path);
  const whole = useFault("carousel", `${path}.components`);
  return (
    <>
      <Select
        label={t("editor.header")}
        data={(["IMAGE", "VIDEO"] as const).map((value) => ({ value, label: t(`headers.${value}`) }))}
        value={card.header.kind}
        onChange={(value) => value && onChange({ ...card, header: { kind: value, text: "", sample: "" } })}
        allowDeselect={false}
      />
      <Looked.Field part="carousel" of={`${path}.components[0].example.header_handle`}>
        {(error) => (
          <SampleField kind={card.header.kind} sample={card.header.sample} error={error} onChange={(sample) => onChange({ ...card, header: { ...card.header, sample } })} />
        )}
      </Looked.Field>
      <Looked.Field part="carousel" of={`${path}.components[1].text`}>
        {(error) => (
          <Textarea
            label={t("editor.cardBody")}
            description={t("editor.counted", { count: card.body.length, most: most.body })}
            value={card.body}
            error={error}
            autosize
            onChange={(event) => onChange({ ...card, body: event.currentTarget.value })}
          />
        )}
      </Looked.Field>
      <ButtonsEditor
        part="carousel"
        of={`${path}.components[${card.body ? 2 : 1}].buttons`}
        buttons={card.buttons}
        most={most.buttons}
        onChange={(buttons) => onChange({ ...card, buttons })}
      />
      {(fault ?? whole) && (
        <Text size="xs" c="error">
          {fault ?? whole}
        </Text>
      )}
    </>
  );
}
