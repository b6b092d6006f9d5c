/** Links with which somebody without an account connects a number: made, shared, taken back. */
import { Badge, Button, Group, Modal, NumberInput, Stack, Text, Textarea, Title, type MantineColor } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link2, Share2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useIntention } from "@/api/intention";
import { useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { ProblemAlert } from "@/ui/Problem";
import { QrCode } from "@/ui/QrCode";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Copyable } from "@/ui/Secret";
import { date, Time } from "@/ui/Time";
import { connectInvitesQuery, metaAppsQuery, organisationQuery } from "../queries";
import { modesOf } from "../modes";
import { ConnectChoices } from "./ConnectChoices";

type Invite = Schemas["ConnectInvite"];

export function InviteLinks() {
  const { t } = useTranslation("onboarding");
  const [opened, { open, close }] = useDisclosure();
  const { data } = useSuspenseQuery(connectInvitesQuery(useOrg()));
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h4">
            {t("invites.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("invites.about")}
          </Text>
        </div>
        <Button variant="default" leftSection={<Link2 size={16} aria-hidden />} onClick={open}>
          {t("invites.make")}
        </Button>
      </Group>
      {data.items.length > 0 && (
        <Rows label={t("invites.title")}>
          {data.items.map((invite) => (
            <OneInvite key={invite.id} invite={invite} />
          ))}
        </Rows>
      )}
      <Modal opened={opened} onClose={close} title={t("invites.make")} size="lg" closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <NewInvite />
      </Modal>
    </Stack>
  );
}

type State = "revoked" | "used" | "expired" | "opened" | "waiting";

const COLOURS: Record<State, MantineColor> = {
  revoked: "gray",
  used: "sapa",
  expired: "gray",
  opened: "blue",
  waiting: "yellow",
};

/** How a link stands. */
function stateOf(invite: Invite): State {
  if (invite.revoked_at) return "revoked";
  if (invite.used_at) return "used";
  if (date(invite.expires_at).getTime() < Date.now()) return "expired";
  return invite.opened_at ? "opened" : "waiting";
}

function OneInvite({ invite }: { invite: Invite }) {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const queries = useQueryClient();
  const state = stateOf(invite);
  const revoke = async () => {
    await answer(
      api.DELETE("/api/v1/orgs/{org}/connect-invites/{invite}", { params: { path: { org, invite: invite.id } } }),
    );
    await queries.invalidateQueries(connectInvitesQuery(org));
  };
  return (
    <Row
      title={invite.note || t("invites.noNote")}
      facts={
        <Facts>
          {[
            <>
              {t("invites.made")} <Time at={invite.created_at} format="day" />
            </>,
            <>
              {t("invites.ends")} <Time at={invite.expires_at} format="day" />
            </>,
          ]}
        </Facts>
      }
      actions={
        <>
          <Badge color={COLOURS[state]} variant="light">
            {t(`invites.state.${state}`)}
          </Badge>
          {state !== "revoked" && state !== "expired" && (
            <ConfirmButton
              title={t("invites.revokeTitle")}
              effect={t("invites.revokeEffect")}
              confirm={t("invites.revoke")}
              danger
              onConfirm={revoke}
            >
              {t("invites.revoke")}
            </ConfirmButton>
          )}
        </>
      }
    />
  );
}

function NewInvite() {
  const org = useOrg();
  const queries = useQueryClient();
  const { data: apps } = useSuspenseQuery(metaAppsQuery(org));
  const { data: organisation } = useSuspenseQuery(organisationQuery(org));
  const [app] = apps.items;
  const [wish, setWish] = useState<Schemas["StartRequest"]>({
    app_id: app?.id,
    mode: (app && modesOf(app, organisation.operator_pays)[0]) ?? "tech_provider",
    variant: "standard",
    override_webhook: false,
  });
  const [note, setNote] = useState("");
  const [days, setDays] = useState(7);
  const keyed = useIntention();
  const make = useMutation({
    mutationFn: () => {
      const { app_id, mode, variant } = wish;
      const body = { app_id, mode, variant, note, days };
      return answer(api.POST("/api/v1/orgs/{org}/connect-invites", { params: { path: { org }, header: keyed(body) }, body }));
    },
    onSuccess: () => queries.invalidateQueries(connectInvitesQuery(org)),
  });
  if (make.data) return <Made link={make.data.link} note={note} />;
  return <InviteForm {...{ wish, setWish, note, setNote, days, setDays }} make={make} />;
}

interface InviteFormProps {
  wish: Schemas["StartRequest"];
  setWish: (wish: Schemas["StartRequest"]) => void;
  note: string;
  setNote: (note: string) => void;
  days: number;
  setDays: (days: number) => void;
  make: { mutate: () => void; isPending: boolean; error: unknown };
}

function InviteForm({ wish, setWish, note, setNote, days, setDays, make }: InviteFormProps) {
  const { t } = useTranslation("onboarding");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <ProblemAlert error={make.error} />
        <Textarea
          label={t("invites.note")}
          description={t("invites.noteHint")}
          maxLength={300}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-autofocus
        />
        <NumberInput
          label={t("invites.days")}
          min={1}
          max={30}
          value={days}
          onChange={(value) => setDays(Number(value) || 7)}
          maw={200}
          clampBehavior="strict"
          allowDecimal={false}
        />
        <ConnectChoices wish={wish} onWish={setWish} />
        <Group justify="flex-end">
          <Button type="submit" loading={make.isPending}>
            {t("invites.make")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A link that was just made: it is told this once. */
function Made({ link, note }: { link: string; note: string }) {
  const { t } = useTranslation("onboarding");
  const text = note ? `${note}\n${link}` : link;
  return (
    <Stack>
      <Text>{t("invites.toldOnce")}</Text>
      <Copyable label={t("invites.link")} value={link} />
      <Group align="center">
        <QrCode value={link} label={t("invites.qr")} />
        <Stack gap="xs" flex="1 1 200px">
          <Text size="sm" c="dimmed">
            {t("invites.qrHint")}
          </Text>
          <Group gap="xs">
            <Button
              component="a"
              variant="default"
              href={`https://wa.me/?text=${encodeURIComponent(text)}`}
              target="_blank"
              rel="noopener noreferrer"
            >
              {t("invites.byWhatsApp")}
            </Button>
            {"share" in navigator && (
              <Button
                variant="default"
                leftSection={<Share2 size={16} aria-hidden />}
                onClick={() => void navigator.share({ text: note, url: link }).catch(() => undefined)}
              >
                {t("invites.share")}
              </Button>
            )}
          </Group>
        </Stack>
      </Group>
    </Stack>
  );
}
