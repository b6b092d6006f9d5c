/** What one is called at providers through which one signs in. Nothing where there is none. */
import { Button, Modal, Text, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Time } from "@/ui/Time";
import { ProofForm } from "./ProofForm";
import { identitiesQuery } from "./queries";

export function Identities() {
  const { t } = useTranslation("identity");
  const { data: identities } = useSuspenseQuery(identitiesQuery);
  if (identities.length === 0) return null;
  return (
    <Section title={t("identities.title")} about={t("identities.about")}>
      <Rows label={t("identities.title")}>
        {identities.map((identity) => (
          <IdentityRow key={identity.id} identity={identity} />
        ))}
      </Rows>
    </Section>
  );
}

function IdentityRow({ identity }: { identity: Schemas["ProviderIdentity"] }) {
  const { t } = useTranslation("identity");
  const queries = useQueryClient();
  const [removing, { open, close }] = useDisclosure();
  const name = identity.provider ?? identity.issuer;
  const remove = useMutation({
    mutationFn: (password: string) =>
      answer(api.POST("/api/v1/me/identities/{identity}/remove", { params: { path: { identity: identity.id } }, body: { password } })),
    onSuccess: async () => {
      close();
      await queries.invalidateQueries(identitiesQuery);
    },
  });
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
          {[
            identity.email,
            <span key="used">
              {t("keys.used")} <Time at={identity.last_used_at} />
            </span>,
          ]}
        </Facts>
      }
      actions={
        <Button variant="default" size="xs" onClick={open} aria-label={t("identities.unlinkNamed", { name })}>
          {t("identities.unlink")}
        </Button>
      }
    >
      <Modal opened={removing} onClose={close} title={t("identities.unlinkNamed", { name })} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <ProofForm send={t("identities.unlink")} pending={remove.isPending} error={remove.error} onProof={remove.mutate} onCancel={close}>
          <Text>{t("identities.effect")}</Text>
        </ProofForm>
      </Modal>
    </Row>
  );
}
