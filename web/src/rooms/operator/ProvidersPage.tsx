/** The OpenID Connect providers that people sign in through. */
import { Button, Group, Modal, Stack, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { LogIn, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Copyable } from "@/ui/Secret";
import { ProviderForm } from "./ProviderForm";
import { providersQuery } from "./queries";

type Provider = Schemas["OpenidProvider"];

export function ProvidersPage() {
  const { t } = useTranslation("operator");
  const { data: providers } = useSuspenseQuery(providersQuery);
  const [opened, { open, close }] = useDisclosure();
  return (
    <Page
      title={t("providers.title")}
      about={t("providers.about")}
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
          {t("providers.new")}
        </Button>
      }
    >
      {providers.length > 0 ? (
        <Rows label={t("providers.title")}>
          {providers.map((provider) => (
            <ProviderRow key={provider.id} provider={provider} />
          ))}
        </Rows>
      ) : (
        <EmptyState icon={LogIn} title={t("providers.none")}>
          {t("providers.noneDetail")}
        </EmptyState>
      )}
      <Modal opened={opened} onClose={close} size="lg" title={t("providers.new")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <ProviderForm onDone={close} />
      </Modal>
    </Page>
  );
}

function ProviderRow({ provider }: { provider: Provider }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const [changing, change] = useDisclosure();
  const { id, name } = provider;
  const remove = async () => {
    await answer(api.DELETE("/api/v1/operator/openid-providers/{provider}", { params: { path: { provider: id } } }));
    await queries.invalidateQueries(providersQuery);
  };
  return (
    <Row
      mark={
        <ThemeIcon size={38} variant="light" aria-hidden>
          <LogIn size={20} />
        </ThemeIcon>
      }
      title={name}
      facts={
        <Facts>
          {[provider.issuer, provider.domains.join(", "), t(provider.is_second_factor ? "providers.bothFactors" : "providers.oneFactor")]}
        </Facts>
      }
    >
      <Stack gap="sm">
        <Copyable label={t("providers.redirect")} value={provider.redirect_uri} />
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={change.open}>
            {t("apps.change")}
          </Button>
          <ConfirmButton
            danger
            title={t("providers.removeTitle", { name })}
            effect={t("providers.removeEffect")}
            confirm={t("providers.remove")}
            onConfirm={remove}
          >
            {t("providers.remove")}
          </ConfirmButton>
        </Group>
      </Stack>
      <Modal
        opened={changing}
        onClose={change.close}
        size="lg"
        title={t("apps.changeTitle", { name })}
        closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}
      >
        <ProviderForm provider={provider} onDone={change.close} />
      </Modal>
    </Row>
  );
}
