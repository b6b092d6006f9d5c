/** The connections of all organisations: how each stands, at which step, whose turn it is. */
import { Alert, Badge, Group, Select, Stack, Text, type MantineColor } from "@mantine/core";
import { PlugZap, SearchX } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { EmptyState } from "@/ui/EmptyState";
import { Face } from "@/ui/Face";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { PagePending } from "@/ui/PageStates";
import { Facts, Row, Rows } from "@/ui/Rows";
import { useAge } from "@/ui/useAge";
import { OpenLinks } from "./OpenLinks";
import { connectionsQuery } from "./queries";

type Connection = Schemas["OperatorConnection"];
type State = Connection["state"];

/** The states in the order in which a connection goes through them. */
const COLOURS: Readonly<Record<State, MantineColor>> = {
  started: "gray",
  code_received: "blue",
  working: "blue",
  waiting: "yellow",
  needs_person: "orange",
  payment_pending: "yellow",
  silent: "yellow",
  live: "sapa",
  abandoned: "gray",
};
const STATES = Object.keys(COLOURS) as State[];

export function ConnectionsPage() {
  const { t } = useTranslation("operator");
  const [state, setState] = useState<State | null>(null);
  return (
    <Page title={t("connections.title")} about={t("connections.about")}>
      <Select
        label={t("connections.filter")}
        placeholder={t("connections.all")}
        data={STATES.map((value) => ({ value, label: t(`standing.${value}`) }))}
        value={state}
        onChange={(value) => setState(STATES.find((one) => one === value) ?? null)}
        clearable
        maw={320}
        mb="md"
      />
      <Suspense fallback={<PagePending />}>
        <Connections state={state} />
      </Suspense>
      <OpenLinks />
    </Page>
  );
}

function Connections({ state }: { state: State | null }) {
  const { t } = useTranslation("operator");
  const { items, more } = usePaged(connectionsQuery(state ?? undefined));
  if (items.length === 0) {
    return state ? (
      <EmptyState icon={SearchX} title={t("connections.noneSuch")}>
        {t("connections.noneSuchDetail")}
      </EmptyState>
    ) : (
      <EmptyState icon={PlugZap} title={t("connections.none")}>
        {t("connections.noneDetail")}
      </EmptyState>
    );
  }
  return (
    <Stack gap={0}>
      <Rows label={t("connections.title")}>
        {items.map((one) => (
          <ConnectionRow key={one.id} one={one} />
        ))}
      </Rows>
      {more}
    </Stack>
  );
}

function ConnectionRow({ one }: { one: Connection }) {
  const { t, i18n } = useTranslation("operator");
  const age = useAge();
  const inLanguage = (words: Schemas["Words"]) => (i18n.language === "id" ? words.id : words.en);
  return (
    <Row
      mark={<Face name={one.organisation.name} square />}
      title={
        <Group gap="4px 10px">
          {one.organisation.name}
          <Badge variant="light" color={COLOURS[one.state]}>
            {t(`standing.${one.state}`)}
          </Badge>
          {one.turn && (
            <Badge variant="outline" color={one.turn === "operator" ? "orange" : "gray"}>
              {t(`turn.${one.turn}`)}
            </Badge>
          )}
        </Group>
      }
      facts={
        <Facts>
          {[
            one.account_name ?? (one.waba_id && t("connections.account", { id: one.waba_id })),
            one.numbers.length > 0 && <bdi key="numbers">{one.numbers.join(", ")}</bdi>,
            t(`mode.${one.mode}`),
            one.step && t("connections.step", { step: t(`step.${one.step}.name`, { ns: "onboarding" }) }),
            t("connections.begun", { age: age(one.created_at) }),
            t("connections.changed", { age: age(one.updated_at) }),
          ]}
        </Facts>
      }
    >
      {one.problem && (
        <Alert color={one.turn === "operator" ? "orange" : "gray"} variant="light" py="xs">
          <Text size="sm">{inLanguage(one.problem.sentence)}</Text>
          <Text size="sm" c="dimmed">
            {inLanguage(one.problem.action)}
          </Text>
        </Alert>
      )}
    </Row>
  );
}
