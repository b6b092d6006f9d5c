/** Every browser in which one is signed in. */
import { Badge, Group, ThemeIcon } from "@mantine/core";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { device } from "./device";
import { sessionsQuery } from "./queries";

export function Sessions() {
  const { t } = useTranslation("identity");
  const { data: sessions } = useSuspenseQuery(sessionsQuery);
  const endAll = async () => {
    await answer(api.DELETE("/api/v1/sessions"));
    location.assign("/sign-in");
  };
  return (
    <Section title={t("sessions.title")} about={t("sessions.about")}>
      <Rows label={t("sessions.title")}>
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </Rows>
      <Group justify="flex-end">
        <ConfirmButton
          size="sm"
          danger
          title={t("sessions.endAll")}
          effect={t("sessions.endAllEffect")}
          confirm={t("sessions.endAll")}
          onConfirm={endAll}
        >
          {t("sessions.endAll")}
        </ConfirmButton>
      </Group>
    </Section>
  );
}

function SessionRow({ session }: { session: Schemas["Session"] }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const name = device(session.user_agent);
  const end = async () => {
    await answer(api.DELETE("/api/v1/sessions/{session}", { params: { path: { session: session.id } } }));
    await queries.invalidateQueries(sessionsQuery);
  };
  return (
    <Row
      mark={
        <ThemeIcon size={38} variant="light" color="gray" aria-hidden>
          <MonitorSmartphone size={20} />
        </ThemeIcon>
      }
      title={name}
      facts={
        <Facts>
          {[
            session.address,
            <span key="seen">
              {t("sessions.seen")} <Time at={session.last_seen_at} />
            </span>,
          ]}
        </Facts>
      }
      actions={
        session.current ? (
          <Badge variant="light">
            {t("sessions.current")}
          </Badge>
        ) : (
          <ConfirmButton
            title={t("sessions.endTitle", { name })}
            effect={t("sessions.endEffect")}
            confirm={t("sessions.end")}
            onConfirm={end}
          >
            {t("sessions.end")}
          </ConfirmButton>
        )
      }
    />
  );
}
