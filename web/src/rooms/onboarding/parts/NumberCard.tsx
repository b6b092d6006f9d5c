/** A number: how it stands, where one writes to it, and its PIN. */
import { Anchor, Badge, Button, Card, Collapse, Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { ExternalLink, KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership } from "@/app/session";
import { tellDone } from "@/ui/Problem";
import { Time } from "@/ui/Time";
import { glancesOfNumber } from "../health";
import type { PhoneNumber } from "../queries";
import { Glances } from "./Glances";
import { PinForm } from "./PinForm";

export function NumberCard({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("onboarding");
  const { slug } = useMembership();
  const may = useMay();
  const [opened, { toggle, close }] = useDisclosure();
  const given = () => {
    close();
    tellDone(t("pin.given"));
  };
  return (
    <Card withBorder component="section" aria-label={number.display}>
      <Group justify="space-between" align="flex-start" mb="md">
        <div>
          <Group gap="xs">
            <Title order={3} size="h4">
              <Anchor component={Link} to={`/o/${slug}/numbers/${number.id}`} inherit>
                {number.display}
              </Anchor>
            </Title>
            {number.on_business_app && (
              <Badge variant="light" color="blue">
                {t("number.onApp")}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {number.verified_name && <>{number.verified_name} · </>}
            {number.heard_at ? (
              <>
                {t("number.heard")} <Time at={number.heard_at} />
              </>
            ) : (
              t("number.notHeard")
            )}
          </Text>
        </div>
        <Stack gap={4} align="flex-start">
          <Anchor component={Link} to={`/o/${slug}/numbers/${number.id}`} size="sm">
            {t("number.page")}
          </Anchor>
        {usable && (
          <Anchor href={number.chat_url} target="_blank" rel="noopener" size="sm">
            <Group gap={6} component="span" display="inline-flex">
              {t("number.write")} <ExternalLink size={14} aria-hidden />
            </Group>
          </Anchor>
        )}
        </Stack>
      </Group>
      <Glances of={glancesOfNumber(number)} />
      {usable && !number.on_business_app && (
        <Stack mt="md" gap="sm">
          <Group gap="sm">
            <Text size="sm" c="dimmed" flex="1 1 240px">
              {number.pin_known ? t("pin.known") : t("pin.unknown")}
            </Text>
            {may("connections.write") && (
              <Button
                size="xs"
                variant="default"
                leftSection={<KeyRound size={14} aria-hidden />}
                onClick={toggle}
                aria-expanded={opened}
              >
                {t("pin.change")}
              </Button>
            )}
          </Group>
          <Collapse expanded={opened}>
            <PinForm numbers={[number]} onGiven={given} />
          </Collapse>
        </Stack>
      )}
    </Card>
  );
}
