/** How a number stands at Meta: what it may do, what is in the way, and what to do about it. */
import { Button, List, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { glancesOfNumber } from "@/rooms/onboarding/health";
import { Glances } from "@/rooms/onboarding/parts/Glances";
import type { Account } from "@/rooms/onboarding/queries";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { healthOf, wantedName } from "./facts";
import type { Part } from "./parts";
import type { PhoneNumber } from "./queries";
import { Usage } from "./Usage";

interface StandingProps {
  number: PhoneNumber;
  account: Account;
  usable: boolean;
  onOpen: (part: Part) => void;
}

export function Standing({ number, account, usable, onOpen }: StandingProps) {
  const { t } = useTranslation("numbers");
  return (
    <Stack gap="lg">
      <Urgent number={number} usable={usable} onOpen={onOpen} />
      <Section title={t("standing.title")}>
        <Glances of={glancesOfNumber(number)} />
      </Section>
      <Usage number={number} account={account} />
      <Health number={number} />
    </Stack>
  );
}

/** What cannot wait, each with the way to mend it. */
function Urgent({ number, usable, onOpen }: Omit<StandingProps, "account">) {
  const { t } = useTranslation("numbers");
  const name = wantedName(number);
  const quality = number.quality === "RED" ? "RED" : number.quality === "YELLOW" ? "YELLOW" : undefined;
  return (
    <>
      {number.status === "RESTRICTED" && (
        <Notice tone="bad" title={t("urgent.restricted")}>
          {t("urgent.restrictedDetail")}
        </Notice>
      )}
      {name === "declined" && (
        <Notice tone="warn" title={t("urgent.declined")}>
          <ToPart part="name" onOpen={onOpen} />
        </Notice>
      )}
      {name === "approved" && (
        <Notice tone="wait" title={t("urgent.approved")}>
          <ToPart part="name" onOpen={onOpen} />
        </Notice>
      )}
      {quality && (
        <Notice tone={quality === "RED" ? "bad" : "warn"} title={t(`urgent.quality.${quality}`)}>
          {t("urgent.qualityDetail")}
        </Notice>
      )}
      {usable && !number.pin_known && !number.on_business_app && (
        <Notice title={t("urgent.pin")}>
          <ToPart part="pin" onOpen={onOpen} />
        </Notice>
      )}
    </>
  );
}

function ToPart({ part, onOpen }: { part: Part; onOpen: (part: Part) => void }) {
  const { t } = useTranslation("numbers");
  return (
    <Button variant="subtle" size="compact-sm" ml={-8} onClick={() => onOpen(part)}>
      {t("urgent.see", { part: t(`parts.${part}`) })}
    </Button>
  );
}

/** Meta's own check, in Meta's words. */
function Health({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation("numbers");
  const { canSend, obstacles } = healthOf(number);
  return (
    <Section title={t("health.title")} about={t("health.about")}>
      {obstacles.length === 0 ? (
        <Text>{canSend === "AVAILABLE" ? t("health.good") : t("health.unknown")}</Text>
      ) : (
        <List spacing="xs">
          {obstacles.map((one) => (
            <List.Item key={`${one.part} ${one.words}`}>
              <Text fw={600}>“{one.words}”</Text>
              {one.advice && <Text size="sm">{one.advice}</Text>}
            </List.Item>
          ))}
        </List>
      )}
    </Section>
  );
}
