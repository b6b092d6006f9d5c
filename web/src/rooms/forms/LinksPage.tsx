/** Links that begin conversations: on a poster, on a flyer, behind a button. */
import { Badge, Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link2, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { organisationQuery } from "@/app/organisation";
import { useMay, useOrg } from "@/app/session";
import { usual } from "@/rooms/printing/words";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Copyable } from "@/ui/Secret";
import { CollectingTabs } from "./CollectingTabs";
import { LinkForm } from "./LinkForm";
import { QrPictures } from "./QrPictures";
import { linksQuery, useFreshForms, type ChatLink } from "./queries";

export function LinksPage() {
  const { t } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const { items } = useSuspenseQuery(linksQuery(useOrg())).data;
  const [opened, { open, close }] = useDisclosure();
  useFreshForms();
  const add = mayWrite && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={open}>
      {t("links.make")}
    </Button>
  );
  return (
    <Page title={t("links.title")} about={t("links.about")} actions={items.length > 0 && add}>
      <CollectingTabs />
      {items.length > 0 ? (
        <Rows label={t("tabs.links")}>
          {items.map((link) => (
            <LinkRow key={link.id} link={link} mayWrite={mayWrite} />
          ))}
        </Rows>
      ) : (
        <EmptyState icon={Link2} title={t("links.none")} action={add}>
          {t("links.noneDetail")}
        </EmptyState>
      )}
      <Modal opened={opened} onClose={close} title={t("links.make")} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <LinkForm onDone={close} />
      </Modal>
    </Page>
  );
}

function LinkRow({ link, mayWrite }: { link: ChatLink; mayWrite: boolean }) {
  const { t } = useTranslation("forms");
  const org = useOrg();
  const organisation = useSuspenseQuery(organisationQuery(org)).data;
  const [editing, { open, close }] = useDisclosure();
  return (
    <Row
      title={link.name}
      facts={
        <Facts>
          {[
            t("links.opened", { count: link.opened }),
            t("links.wrote", { count: link.wrote }),
            link.wording && t("links.optedIn", { count: link.opted_in }),
          ]}
        </Facts>
      }
      actions={
        <>
          {link.status === "archived" && (
            <Badge variant="light" color="gray">
              {t("state.archived")}
            </Badge>
          )}
          {mayWrite && (
            <Button variant="default" size="xs" onClick={open} aria-label={t("links.changeNamed", { name: link.name })}>
              {t("links.change")}
            </Button>
          )}
        </>
      }
    >
      <Group align="flex-start" wrap="wrap" mt="xs">
        <QrPictures name={link.name} value={link.url} pictures={`/api/v1/orgs/${org}/chat-links/${link.id}/qr`} place={sheet(organisation.name, link)} />
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Copyable label={t("share.address")} value={link.url} />
          <Text size="sm" mt="sm" c="dimmed">
            {t("links.fillsIn")}
          </Text>
          <Text size="sm" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
            {link.fills_in}
          </Text>
        </div>
      </Group>
      <Modal opened={editing} onClose={close} title={link.name} closeButtonProps={{ "aria-label": t("close", { ns: "app" }) }}>
        <LinkForm link={link} onDone={close} />
      </Modal>
    </Row>
  );
}

/** What a printed sheet says: whoever scans it is to know before what writing agrees to. */
function sheet(name: string, { wording }: ChatLink) {
  const text = wording ?? "";
  return { name, words: { en: { ...usual({ name, url: "" }, "en"), text }, id: { ...usual({ name, url: "" }, "id"), text } } };
}
