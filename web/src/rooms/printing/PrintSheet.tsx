/** A sheet with a QR code for the counter, the table or the door: looked at, worded, and printed as A6 or A4. */
import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { Printer } from "lucide-react";
import { useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "@/i18n";
import { Sheet, type Paper } from "./Sheet";
import classes from "./Sheet.module.css";
import { usual, type Place } from "./words";

interface PrintSheetProps {
  /** What the code leads to. */
  place: Place;
  opened: boolean;
  onClose: () => void;
}

export function PrintSheet({ place, opened, onClose }: PrintSheetProps) {
  const { t, i18n } = useTranslation("printing");
  const [paper, setPaper] = useState<Paper>("a6");
  const [language, setLanguage] = useState<Language>(i18n.language === "id" ? "id" : "en");
  const [own, setOwn] = useState<Partial<Record<Language, { heading: string; text: string }>>>({});
  const words = own[language] ?? usual(place, language);
  const write = (change: Partial<typeof words>) => setOwn({ ...own, [language]: { ...words, ...change } });
  const sheet = <Sheet name={place.name} url={place.url} paper={paper} language={language} {...words} />;
  return (
    <Modal opened={opened} onClose={onClose} title={t("title")} size="xl" closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
      <Group align="flex-start" gap="xl" wrap="wrap">
        <Stack flex="1 1 260px">
          <Text size="sm" c="dimmed">
            {t("about")}
          </Text>
          <SegmentedControl
            aria-label={t("paper")}
            value={paper}
            onChange={(value) => setPaper(value === "a4" ? "a4" : "a6")}
            data={[
              { value: "a6", label: t("a6") },
              { value: "a4", label: t("a4") },
            ]}
          />
          <SegmentedControl
            aria-label={t("language")}
            value={language}
            onChange={(value) => setLanguage(value === "id" ? "id" : "en")}
            data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          />
          <TextInput label={t("heading")} maxLength={80} value={words.heading} onChange={(event) => write({ heading: event.currentTarget.value })} />
          <Textarea
            label={t("text")}
            description={t("textHint")}
            autosize
            minRows={2}
            maxLength={400}
            value={words.text}
            onChange={(event) => write({ text: event.currentTarget.value })}
          />
          <Button leftSection={<Printer size={16} aria-hidden />} onClick={() => window.print()}>
            {t("print")}
          </Button>
        </Stack>
        <figure className={classes.shown} aria-label={t("preview")}>
          {sheet}
        </figure>
      </Group>
      {opened && createPortal(<div className={`${classes.printed} ${classes[`${paper}Page`]}`}>{sheet}</div>, document.body)}
    </Modal>
  );
}
