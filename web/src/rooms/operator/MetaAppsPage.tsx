/** The Meta apps that every organisation may connect through. */
import { Button, Group, Modal, Stack, Text, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { AppWindow, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Copyable } from "@/ui/Secret";
import { Time } from "@/ui/Time";
import { ChangeApp } from "./ChangeApp";
import { NewApp } from "./NewApp";
import { appsQuery } from "./queries";
import { RotateSecret } from "./RotateSecret";

type App = Schemas["MetaApp"];

export function MetaAppsPage() {
  const { t } = useTranslation("operator");
  const { data: apps } = useSuspenseQuery(appsQuery);
  const [opened, { open, close }] = useDisclosure();
  return (
    <Page
      title={t("apps.title")}
      about={t("apps.about")}
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
          {t("apps.new")}
        </Button>
      }
    >
      {apps.length > 0 ? (
        <Rows label={t("apps.title")}>
          {apps.map((app) => (
            <AppRow key={app.id} app={app} />
          ))}
        </Rows>
      ) : (
        <EmptyState icon={AppWindow} title={t("apps.none")}>
          {t("apps.noneDetail")}
        </EmptyState>
      )}
      <Modal opened={opened} onClose={close} size="lg" title={t("apps.new")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <NewApp onDone={close} />
      </Modal>
    </Page>
  );
}

function AppRow({ app }: { app: App }) {
  const { t } = useTranslation("operator");
  return (
    <Row
      mark={
        <ThemeIcon size={38} variant="light" aria-hidden>
          <AppWindow size={20} />
        </ThemeIcon>
      }
      title={app.name}
      facts={
        <Facts>
          {[
            app.meta_app_id,
            <span key="since">
              {t("organisations.since")} <Time at={app.created_at} format="day" />
            </span>,
            t(app.has_system_token ? "apps.tokenKept" : "apps.tokenMissing"),
          ]}
        </Facts>
      }
    >
      <Stack gap="sm">
        {app.former_secret_until && (
          <Text size="sm">
            {t("apps.former")} <Time at={app.former_secret_until} />
          </Text>
        )}
        <Copyable label={t("apps.webhook")} value={app.webhook_url} />
        <AppActions app={app} />
      </Stack>
    </Row>
  );
}

function AppActions({ app }: { app: App }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const [changing, change] = useDisclosure();
  const [rotating, rotate] = useDisclosure();
  const retire = async () => {
    await answer(api.DELETE("/api/v1/operator/meta-apps/{app}", { params: { path: { app: app.id } } }));
    await queries.invalidateQueries(appsQuery);
  };
  const close = { "aria-label": t("close", { ns: "app" }) };
  return (
    <Group gap="xs">
      <Button variant="default" size="xs" onClick={change.open}>
        {t("apps.change")}
      </Button>
      <Button variant="default" size="xs" onClick={rotate.open}>
        {t("apps.rotate")}
      </Button>
      <ConfirmButton
        danger
        title={t("apps.retireTitle", { name: app.name })}
        effect={t("apps.retireEffect")}
        confirm={t("apps.retire")}
        onConfirm={retire}
      >
        {t("apps.retire")}
      </ConfirmButton>
      <Modal opened={changing} onClose={change.close} size="lg" title={t("apps.changeTitle", { name: app.name })} closeButtonProps={close}>
        <ChangeApp app={app} onDone={change.close} />
      </Modal>
      <Modal opened={rotating} onClose={rotate.close} title={t("apps.rotateTitle", { name: app.name })} closeButtonProps={close}>
        <RotateSecret app={app} onDone={rotate.close} />
      </Modal>
    </Group>
  );
}
