/** What few messages say: places, cards, filled-in forms. Read when the first of them is met. */
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { MapPin } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Face } from "@/ui/Face";
import type { CardShown, Said } from "./content";
import classes from "./Parts.module.css";

type Of<Type extends Said["type"]> = Extract<Said, { type: Type }>;

export function LocationPart({ said }: { said: Of<"location"> }) {
  const { t } = useTranslation("inbox");
  const { latitude, longitude, name, address } = said;
  const place = `${latitude},${longitude}`;
  return (
    <Group className={classes.box} wrap="nowrap" align="flex-start" gap="sm">
      <MapPin size={24} aria-hidden className={classes.icon} />
      <div>
        <Text size="sm" fw={500}>
          {name ?? t("kind.location")}
        </Text>
        {address && <Text size="sm">{address}</Text>}
        <Anchor
          size="sm"
          href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
          target="_blank"
          rel="noopener noreferrer"
          underline="always"
        >
          {t("location.map", { place })}
        </Anchor>
      </div>
    </Group>
  );
}

export function CardsPart({ said }: { said: Of<"cards"> }) {
  return (
    <Stack gap={6}>
      {said.cards.map((card, at) => (
        <CardPart key={at} card={card} />
      ))}
    </Stack>
  );
}

function CardPart({ card }: { card: CardShown }) {
  const { t } = useTranslation("inbox");
  const name = card.name || (card.phones[0] ?? t("kind.contacts"));
  return (
    <Group className={classes.box} wrap="nowrap" align="flex-start" gap="sm">
      <Face name={name} size={36} />
      <div>
        <Text size="sm" fw={500}>
          {name}
        </Text>
        {card.organisation && <Text size="sm">{card.organisation}</Text>}
        {card.phones.map((phone) => (
          <Text size="sm" key={phone} dir="ltr" ta="start">
            {phone}
          </Text>
        ))}
        {card.emails.map((email) => (
          <Text size="sm" key={email}>
            {email}
          </Text>
        ))}
      </div>
    </Group>
  );
}

export function FormPart({ said }: { said: Of<"form"> }) {
  const { t } = useTranslation("inbox");
  return (
    <div>
      <Text size="sm" fw={500}>
        {t("choice.form")}
      </Text>
      <dl className={classes.form}>
        {said.fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
