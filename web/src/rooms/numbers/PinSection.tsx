/** The two-step PIN: whether it is known here, and setting a new one. */
import { Group, Input, PinInput, Stack, Text } from "@mantine/core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { tellDone } from "@/ui/Problem";
import { Section } from "@/ui/Section";
import { changePin, useDeed, type PhoneNumber } from "./queries";

export function PinSection({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const label = useId();
  const [pin, setPin] = useState("");
  const change = useDeed(number.id, changePin);
  const set = async () => {
    await change.mutateAsync(pin);
    setPin("");
    tellDone(t("pin.set"));
  };
  return (
    <Section title={t("pin.title")} about={t("pin.about")}>
      <Text>{number.on_business_app ? t("pin.ofApp") : number.pin_known ? t("pin.known") : t("pin.unknown")}</Text>
      {usable && !number.on_business_app && (
        <Stack gap="sm">
          <Input.Wrapper label={t("pin.new")} labelElement="div" labelProps={{ id: label }} description={t("pin.hint")}>
            <PinInput
              length={6}
              type="number"
              mt="xs"
              value={pin}
              onChange={setPin}
              aria-label={t("pin.new")}
              getInputProps={(index) => ({ "aria-label": t("pin.digit", { place: index + 1 }) })}
            />
          </Input.Wrapper>
          <Group>
            <ConfirmButton
              title={t("pin.question")}
              effect={t("pin.effect")}
              confirm={t("pin.change")}
              size="sm"
              disabled={pin.length < 6}
              onConfirm={set}
            >
              {t("pin.change")}
            </ConfirmButton>
          </Group>
        </Stack>
      )}
    </Section>
  );
}
