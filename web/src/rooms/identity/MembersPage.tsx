/** Who works here, and who is invited. */
import { Stack, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { membersQuery } from "@/app/members";
import { useMay, useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Face } from "@/ui/Face";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { InviteButton } from "./InviteButton";
import { MemberMenu } from "./MemberMenu";
import { invitesQuery, useFreshMembers } from "./queries";
import { useMembership } from "@/app/session";

export function MembersPage() {
  const { t } = useTranslation("identity");
  const org = useOrg();
  const mayWrite = useMay()("members.write");
  const { data: members } = useSuspenseQuery(membersQuery(org));
  const { data: invites } = useSuspenseQuery(invitesQuery(org));
  const anew = useFreshMembers();
  return (
    <Page title={t("members.title")} about={t("members.about")} actions={mayWrite && <InviteButton onInvited={anew} />}>
      <Stack gap="lg">
        <Rows label={t("members.title")}>
          {members.map((member) => (
            <MemberRow key={member.id} member={member} anew={anew} />
          ))}
        </Rows>
        {invites.length > 0 && (
          <Stack gap="sm">
            <Title order={2} size="h4">
              {t("invites.title")}
            </Title>
            <Rows label={t("invites.title")}>
              {invites.map((invite) => (
                <InviteRow key={invite.id} invite={invite} mayWrite={mayWrite} anew={anew} />
              ))}
            </Rows>
          </Stack>
        )}
      </Stack>
    </Page>
  );
}

function MemberRow({ member, anew }: { member: Schemas["Member"]; anew: () => Promise<void> }) {
  const { t } = useTranslation("identity");
  const own = useMembership().member_id === member.id;
  return (
    <Row
      mark={<Face name={member.name} />}
      title={own ? t("members.you", { name: member.name }) : member.name}
      facts={<Facts>{[t(`role.${member.role}`, { ns: "app" }), member.email, <span key="since">{t("members.since")} <Time at={member.created_at} format="day" /></span>]}</Facts>}
      actions={<MemberMenu member={member} own={own} anew={anew} />}
    />
  );
}

function InviteRow({ invite, mayWrite, anew }: { invite: Schemas["Invite"]; mayWrite: boolean; anew: () => Promise<void> }) {
  const { t } = useTranslation("identity");
  const org = useOrg();
  const revoke = async () => {
    await answer(api.DELETE("/api/v1/orgs/{org}/invites/{invite}", { params: { path: { org, invite: invite.id } } }));
    await anew();
  };
  return (
    <Row
      mark={<Face name={invite.email} />}
      title={invite.email}
      facts={
        <Facts>
          {[
            t(`role.${invite.role}`, { ns: "app" }),
            <span key="until">
              {t("invites.until")} <Time at={invite.expires_at} />
            </span>,
          ]}
        </Facts>
      }
      actions={
        mayWrite && (
          <ConfirmButton
            danger
            title={t("invites.revokeTitle", { email: invite.email })}
            effect={t("invites.revokeEffect")}
            confirm={t("invites.revoke")}
            onConfirm={revoke}
          >
            {t("invites.revoke")}
          </ConfirmButton>
        )
      }
    />
  );
}
