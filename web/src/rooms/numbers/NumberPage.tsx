/** `/o/$org/numbers/$number`: everything that Meta shows, asks and changes about a number. */
import { Badge, Button, Group, Stack, Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { BadgeCheck, RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { accountQuery } from "@/rooms/onboarding/queries";
import { Page } from "@/ui/Page";
import { tellDone, tellProblem } from "@/ui/Problem";
import { Facts } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { Changes } from "./Changes";
import { ChatLink } from "./ChatLink";
import { MessageLinks } from "./MessageLinks";
import { NameSection } from "./NameSection";
import { PARTS, readPart, type Part } from "./parts";
import { PictureSection } from "./PictureSection";
import { PinSection } from "./PinSection";
import { ProfileSection } from "./ProfileSection";
import { numberQuery, useFreshNumber, useLook, type PhoneNumber } from "./queries";
import { Standing } from "./Standing";
import { UsernameSection } from "./UsernameSection";

export function NumberPage() {
  const { t } = useTranslation("numbers");
  const { slug } = useMembership();
  const org = useOrg();
  const may = useMay();
  const navigate = useNavigate();
  const { number: id = "" } = useParams({ strict: false });
  const { part = "standing" } = readPart(useSearch({ strict: false }));
  const { data: number } = useSuspenseQuery(numberQuery(org, id));
  const { data: account } = useSuspenseQuery(accountQuery(org, number.account_id));
  useFreshNumber(id);
  const usable = !account.disconnected_at && may("connections.write");
  const open = (next: string | null) =>
    void navigate({ to: "/o/$org/numbers/$number", params: { org: slug, number: id }, search: { part: next as Part }, replace: true });
  return (
    <Page
      title={number.display}
      up={{ to: `/o/${slug}/accounts/${account.id}`, label: account.name }}
      about={
        <Facts>
          {[
            number.verified_name,
            number.username && `@${number.username}`,
            <span key="read">
              {t("readAt")} <Time at={number.updated_at} />
            </span>,
          ]}
        </Facts>
      }
      actions={
        <>
          {number.official && (
            <Badge size="lg" variant="light" leftSection={<BadgeCheck size={14} aria-hidden />}>
              {t("official")}
            </Badge>
          )}
          {usable && <Look number={number} />}
        </>
      }
    >
      <Tabs value={part} onChange={open} keepMounted={false}>
        <Tabs.List mb="lg" aria-label={t("parts.label")}>
          {PARTS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`parts.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="standing">
          <Standing number={number} account={account} usable={usable} onOpen={open} />
        </Tabs.Panel>
        <Tabs.Panel value="profile">
          <Stack gap="lg">
            <PictureSection number={number} usable={usable} />
            <ProfileSection key={number.updated_at} number={number} usable={usable} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="name">
          <Stack gap="lg">
            <NameSection number={number} usable={usable} />
            <UsernameSection number={number} usable={usable} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="links">
          <Stack gap="lg">
            <ChatLink number={number} />
            {!account.disconnected_at && <MessageLinks number={number} usable={usable} />}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="pin">
          <PinSection number={number} usable={usable} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <Changes number={number} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Look({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation("numbers");
  const look = useLook(number);
  return (
    <Group>
      <Button
        variant="default"
        leftSection={<RefreshCw size={16} aria-hidden />}
        loading={look.isPending}
        onClick={() => look.mutate(undefined, { onSuccess: () => tellDone(t("looked")), onError: tellProblem })}
      >
        {t("look")}
      </Button>
    </Group>
  );
}
