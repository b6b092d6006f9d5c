/** Snoozing until a moment of one's own. */
import { Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormActions } from "@/ui/FormActions";
import { asField, fromField, snoozeChoices } from "./snooze";

interface SnoozeModalProps {
  onClose: () => void;
  /** Until when, in microseconds. */
  onSnooze: (until: number) => void;
}

/** What the time zone of this computer is called. */
function zoneName(language: string): string {
  const parts = new Intl.DateTimeFormat(language, { timeZoneName: "long" }).formatToParts(new Date());
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

export function SnoozeModal({ onClose, onSnooze }: SnoozeModalProps) {
  const { t, i18n } = useTranslation("inbox");
  const [opened] = useState(() => new Date());
  const [text, setText] = useState(() => {
    const tomorrow = snoozeChoices(opened).find(({ name }) => name === "tomorrow");
    return asField(new Date((tomorrow?.until ?? 0) / 1000));
  });
  const [isPast, setPast] = useState(false);
  return (
    <Modal opened onClose={onClose} title={t("snooze.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const until = fromField(text, new Date());
          if (until === null) setPast(true);
          else onSnooze(until);
        }}
      >
        <Stack>
          <TextInput
            type="datetime-local"
            label={t("snooze.moment")}
            description={t("snooze.zone", { zone: zoneName(i18n.language) })}
            min={asField(opened)}
            value={text}
            error={isPast ? t("snooze.past") : undefined}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setPast(false);
            }}
            data-autofocus
          />
          <FormActions send={t("snooze.do")} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
