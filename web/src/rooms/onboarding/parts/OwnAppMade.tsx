/** After connecting with an app of one's own: what to enter at Meta, told once. */
import { Button, Group, List, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Page } from "@/ui/Page";
import { Copyable, Secret } from "@/ui/Secret";

export function OwnAppMade({ made, onDone }: { made: Schemas["NewMetaApp"]; onDone: () => void }) {
  const { t } = useTranslation("onboarding");
  return (
    <Page title={t("ownApp.title")} about={t("ownApp.about")} width={760}>
      <Stack gap="lg">
        <List type="ordered" spacing={6}>
          <List.Item>{t("ownApp.open")}</List.Item>
          <List.Item>{t("ownApp.enter")}</List.Item>
          <List.Item>{t("ownApp.subscribe")}</List.Item>
        </List>
        <Copyable label={t("ownApp.address")} value={made.app.webhook_url} />
        <Secret label={t("ownApp.token")} value={made.verify_token} />
        <Group>
          <Button onClick={onDone}>{t("ownApp.done")}</Button>
        </Group>
      </Stack>
    </Page>
  );
}
