/** The connect links that operators made and that can still be used; each can be taken back. */
import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useMe } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { usePaged } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { openLinksQuery } from "./queries";

type Link = Schemas["OperatorInvite"];

export function OpenLinks() {
  const { t } = useTranslation("operator");
  const { items, more } = usePaged(openLinksQuery);
  return (
    <Stack gap="sm" component="section" aria-label={t("links.title")} mt="lg">
      <div>
        <Title order={2} size="h4">
          {t("links.title")}
        </Title>
        <Text size="sm" c="dimmed">
          {t(items.length > 0 ? "links.about" : "links.none")}
        </Text>
      </div>
      {items.length > 0 && (
        <Rows label={t("links.title")}>
          {items.map((link) => (
            <LinkRow key={link.id} link={link} />
          ))}
        </Rows>
      )}
      {more}
    </Stack>
  );
}

/** How far a link has been used. */
function standing({ used_at, opened_at }: Link): "used" | "opened" | "waiting" {
  if (used_at) return "used";
  return opened_at ? "opened" : "waiting";
}

function LinkRow({ link }: { link: Link }) {
  const { t } = useTranslation("operator");
  const { person } = useMe();
  const queries = useQueryClient();
  const how = standing(link);
  const revoke = async () => {
    const path = { org: link.org_id, invite: link.id };
    await answer(api.DELETE("/api/v1/operator/orgs/{org}/connect-invites/{invite}", { params: { path } }));
    await queries.invalidateQueries(openLinksQuery);
  };
  const maker = link.created_by === `operator:${person.id}` ? "you" : link.created_by.startsWith("operator-key:") ? "key" : "other";
  return (
    <Row
      title={
        <Group gap="xs">
          {link.organisation}
          <Badge variant="light" color={how === "used" ? "sapa" : how === "opened" ? "blue" : "gray"}>
            {t(`links.state.${how}`)}
          </Badge>
        </Group>
      }
      facts={
        <Facts>
          {[
            t(`mode.${link.mode}`),
            link.note,
            <>
              {t(`links.by.${maker}`)} <Time at={link.created_at} format="day" />
            </>,
            <>
              {t("links.ends")} <Time at={link.expires_at} format="day" />
            </>,
          ]}
        </Facts>
      }
      actions={
        <ConfirmButton
          title={t("links.revokeTitle", { name: link.organisation })}
          effect={t("links.revokeEffect")}
          confirm={t("links.revoke")}
          aria-label={t("links.revokeNamed", { name: link.organisation })}
          danger
          onConfirm={revoke}
        >
          {t("links.revoke")}
        </ConfirmButton>
      }
    />
  );
}
