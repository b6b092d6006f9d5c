/** `/invite#<token>`: becoming a member, with the account that one has or with a new one. */
import { Anchor, Button, Card, Center, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { MailX } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { isCode } from "@/api/problem";
import { PublicFrame } from "@/app/PublicFrame";
import { meQuery, useSignOut } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { useTitle } from "@/ui/title";
import { carriedToken, dropToken } from "./carried";
import { NewAccountForm } from "./NewAccountForm";

type Invitation = Schemas["InvitePreview"];

const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: () => answer(api.POST("/api/v1/invites/look", { body: { token } })),
    enabled: token !== "",
  });

export function JoinPage() {
  const { t } = useTranslation("identity");
  const [token] = useState(carriedToken);
  const { data, error } = useQuery(invitationQuery(token));
  const me = useQuery(meQuery);
  const known = me.isSuccess || isCode(me.error, "unauthenticated");
  const gone = token === "" || isCode(error, "link_expired");
  // Another letter may come to this tab; what has ended must not come back with it.
  useEffect(() => {
    if (gone) dropToken();
  }, [gone]);
  const title = data ? t("join.title", { organisation: data.organisation }) : t("join.window");
  useTitle(title);
  return (
    <PublicFrame width={480} locale={data?.locale}>
      <Stack gap="lg">
        <Title order={1} size="h2">
          {title}
        </Title>
        {gone && (
          <EmptyState
            icon={MailX}
            title={token === "" ? t("join.incomplete") : t("join.gone")}
            action={
              <Anchor component={Link} to="/">
                {t("join.home")}
              </Anchor>
            }
          >
            {token === "" ? t("join.incompleteDetail") : t("join.goneDetail")}
          </EmptyState>
        )}
        {!gone && <ProblemAlert error={error ?? (known ? null : me.error)} />}
        {data && known && !gone && <Invited token={token} invitation={data} me={me.data} />}
        {!gone && !error && (!data || me.isPending) && (
          <Center mih={200}>
            <Loader aria-label={t("loading", { ns: "app" })} />
          </Center>
        )}
      </Stack>
    </PublicFrame>
  );
}

interface InvitedProps {
  token: string;
  invitation: Invitation;
  me?: Schemas["Me"];
}

/** What there is to do for whoever holds the link. */
function Invited({ token, invitation, me }: InvitedProps) {
  const { t } = useTranslation("identity");
  const { email, organisation, role, slug } = invitation;
  const accept = useAccept(token, slug);
  const isMember = me?.organisations.some((one) => one.slug === slug);
  return (
    <>
      <div>
        <Text>{t("join.about", { email, role: t(`role.${role}`, { ns: "app" }) })}</Text>
        <Text size="sm" c="dimmed">
          {t(`roleMay.${role}`)}
        </Text>
      </div>
      <Card withBorder p={{ base: "md", sm: "lg" }}>
        {me && me.person.email !== email ? (
          <SomebodyElse signedIn={me.person.email} invited={email} />
        ) : isMember ? (
          <Stack>
            <Text>{t("join.already", { organisation })}</Text>
            <Anchor component={Link} to={`/o/${slug}`}>
              {t("join.open", { organisation })}
            </Anchor>
          </Stack>
        ) : me ? (
          <Stack>
            <Text>{t("join.signedIn", { name: me.person.name })}</Text>
            <ProblemAlert error={accept.error} />
            <Button loading={accept.isPending} onClick={() => accept.mutate(undefined)}>
              {t("join.title", { organisation })}
            </Button>
          </Stack>
        ) : invitation.has_account ? (
          <Stack>
            <Text>{t("join.hasAccount")}</Text>
            <Button renderRoot={(props) => <Link to="/sign-in" search={{ next: "/invite" }} {...props} />}>
              {t("join.signIn")}
            </Button>
          </Stack>
        ) : (
          <NewAccountForm
            email={email}
            send={t("join.title", { organisation })}
            pending={accept.isPending}
            error={accept.error}
            onSend={accept.mutate}
          />
        )}
      </Card>
    </>
  );
}

/** Accepts, as whoever is signed in or with a new account, which is signed in at once. */
function useAccept(token: string, slug: string) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (account: Schemas["NewAccount"] | undefined) =>
      answer(api.POST("/api/v1/invites/accept", { body: { token, account } })),
    onSuccess: async () => {
      dropToken();
      await queries.invalidateQueries(meQuery);
      await navigate({ to: "/o/$org", params: { org: slug }, replace: true });
    },
  });
}

/** An invitation is for its address alone. */
function SomebodyElse({ signedIn, invited }: { signedIn: string; invited: string }) {
  const { t } = useTranslation("identity");
  const signOut = useSignOut();
  const leave = useMutation({ mutationFn: () => signOut("/invite") });
  return (
    <Stack>
      <Notice tone="warn" title={t("join.another")}>
        {t("join.anotherDetail", { signedIn, invited })}
      </Notice>
      <ProblemAlert error={leave.error} />
      <Group>
        <Button loading={leave.isPending} onClick={() => leave.mutate()}>
          {t("join.signOut")}
        </Button>
        <Anchor component={Link} to="/" size="sm">
          {t("join.home")}
        </Anchor>
      </Group>
    </Stack>
  );
}
