/** What messages say beside text and files: choices, and things to tap. */
import { Text } from "@mantine/core";
import { Check, Copy, ExternalLink, List, MapPin, Phone, Reply, Smartphone, UserRound, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ParseKeys } from "i18next";
import type { ChoiceSection, Said, Tappable } from "./content";
import { Formatted } from "./Formatted";
import classes from "./Parts.module.css";

type Of<Type extends Said["type"]> = Extract<Said, { type: Type }>;

export function ChoicePart({ said }: { said: Of<"choice"> }) {
  const { t } = useTranslation("inbox");
  return (
    <div>
      <Text size="xs" className={classes.quiet}>
        <Reply size={12} aria-hidden /> {t("choice.chosen")}
      </Text>
      <Text size="sm" fw={500}>
        {said.title}
      </Text>
      {said.description && <Text size="sm">{said.description}</Text>}
    </div>
  );
}

/** What is framed by header, text and footer, with things to tap below; also templates look like this. */
export function Framed({ header, body, footer, children }: { header?: React.ReactNode; body: string; footer?: string | null; children?: React.ReactNode }) {
  return (
    <div>
      {typeof header === "string" ? <Text fw={600}>{header}</Text> : header}
      <Formatted text={body} />
      {footer && (
        <Text size="xs" mt={2} className={classes.quiet}>
          {footer}
        </Text>
      )}
      {children}
    </div>
  );
}

const TAP_ICONS: Readonly<Record<Tappable["kind"], LucideIcon>> = {
  reply: Reply,
  url: ExternalLink,
  phone: Phone,
  copy: Copy,
  list: List,
  location: MapPin,
  contact: UserRound,
  other: Smartphone,
};

const TAP_WORDS: Partial<Record<Tappable["kind"], ParseKeys<"inbox">>> = {
  location: "tap.location",
  contact: "tap.contact",
};

/** What the customer can tap; here it only shows. */
export function Taps({ taps }: { taps: readonly Tappable[] }) {
  const { t } = useTranslation("inbox");
  return (
    <ul className={classes.taps} aria-label={t("tap.title")}>
      {taps.map((tap, at) => {
        const Icon = TAP_ICONS[tap.kind];
        const word = TAP_WORDS[tap.kind];
        return (
          <li key={at}>
            <Icon size={14} aria-hidden /> {tap.label || (word ? t(word) : "")}
          </li>
        );
      })}
    </ul>
  );
}

export function InteractivePart({ said }: { said: Of<"interactive"> }) {
  return (
    <Framed header={said.header} body={said.body} footer={said.footer}>
      {said.sections.length > 0 && <Sections sections={said.sections} />}
      <Taps taps={said.taps} />
    </Framed>
  );
}

function Sections({ sections }: { sections: readonly ChoiceSection[] }) {
  return (
    <div className={classes.sections}>
      {sections.map((section, at) => (
        <div key={at}>
          {section.title && (
            <Text size="xs" fw={600} className={classes.quiet}>
              {section.title}
            </Text>
          )}
          {section.rows.map((row, index) => (
            <Text size="sm" key={index}>
              <Check size={12} aria-hidden /> {row.title}
              {row.description && <span className={classes.quiet}> · {row.description}</span>}
            </Text>
          ))}
        </div>
      ))}
    </div>
  );
}
