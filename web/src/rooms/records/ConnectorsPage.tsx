/** Where records come from by themselves: connections to Odoo. */
import { Badge, Button, List, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PlugZap, Plus, RotateCw, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { useSay } from "@/i18n/sentence";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { tellProblem } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { connectorsQuery, readConnector, removeConnector, useFreshRecords, useRecordDeed, type Connector } from "./queries";
import { RecordsTabs } from "./RecordsTabs";

export function ConnectorsPage() {
  const { t } = useTranslation("records");
  const { slug } = useMembership();
  const mayWrite = useMay()("records.write");
  const { data: connectors } = useSuspenseQuery(connectorsQuery(useOrg()));
  useFreshRecords();
  const add = mayWrite && (
    <Button component={Link} to={`/o/${slug}/records/connectors/new`} leftSection={<Plus size={16} aria-hidden />}>
      {t("connectors.add")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("connectors.about")} actions={connectors.length > 0 && add}>
      <RecordsTabs />
      {connectors.length === 0 ? (
        <EmptyState icon={PlugZap} title={t("connectors.none")} action={add}>
          {t("connectors.noneDetail")}
        </EmptyState>
      ) : (
        <Rows label={t("tabs.connectors")}>
          {connectors.map((one) => (
            <ConnectorRow key={one.id} connector={one} mayWrite={mayWrite} />
          ))}
        </Rows>
      )}
    </Page>
  );
}

function ConnectorRow({ connector, mayWrite }: { connector: Connector; mayWrite: boolean }) {
  const { t } = useTranslation("records");
  const { slug } = useMembership();
  const say = useSay();
  const read = useRecordDeed(readConnector);
  const remove = useRecordDeed(removeConnector);
  const round = connector.last_round;
  return (
    <Row
      title={connector.title}
      facts={
        <Facts>
          {[
            connector.model,
            round?.ended_at && <span key="last">{t("connectors.last")} <Time at={round.ended_at} /></span>,
            connector.next_at && <span key="next">{t("connectors.next")} <Time at={connector.next_at} /></span>,
          ]}
        </Facts>
      }
      actions={
        <>
          {!connector.enabled && <Badge variant="default">{t("connectors.off")}</Badge>}
          {mayWrite && (
            <>
              <Button
                variant="default"
                size="xs"
                leftSection={<RotateCw size={14} aria-hidden />}
                loading={read.isPending}
                onClick={() => read.mutate(connector.id, { onError: tellProblem })}
              >
                {t("connectors.read")}
              </Button>
              <Button variant="default" size="xs" component={Link} to={`/o/${slug}/records/connectors/${connector.id}`}>
                {t("edit")}
              </Button>
              <ConfirmButton
                title={t("remove.title", { name: connector.title })}
                effect={t("connectors.removeEffect")}
                confirm={t("remove.confirm")}
                danger
                aria-label={t("connectors.remove", { name: connector.title })}
                onConfirm={() => remove.mutateAsync(connector.id)}
              >
                <Trash2 size={14} aria-hidden />
              </ConfirmButton>
            </>
          )}
        </>
      }
    >
      {round && (
        <Stack gap="xs">
          {round.problem && <Notice tone="bad">{say(round.problem.detail)}</Notice>}
          <Text size="sm">{t("connectors.round", { created: round.created, changed: round.changed, same: round.same, refused: round.refused })}</Text>
          {round.refusals.length > 0 && (
            <List size="sm">
              {round.refusals.map((one) => (
                <List.Item key={one.external_id}>
                  {one.external_id}: {one.why}
                </List.Item>
              ))}
            </List>
          )}
        </Stack>
      )}
    </Row>
  );
}
