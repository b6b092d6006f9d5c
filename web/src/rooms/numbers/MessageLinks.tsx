/** Meta's message links: short addresses with a QR code that open a chat with a text filled in. */
import { Button, CopyButton, Group, Loader, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import { QrCode } from "@/ui/QrCode";
import { Row, Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Downloads } from "./Downloads";
import { changeLink, linksQuery, makeLink, removeLink, useLinkDeed, type MessageLink, type PhoneNumber } from "./queries";

/** Meta's limit, in characters. */
const LONGEST = 140;

export function MessageLinks({ number, usable }: { number: PhoneNumber; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const links = useQuery(linksQuery(useOrg(), number.id));
  const [opened, { open, close }] = useDisclosure();
  return (
    <Section title={t("links.title")} about={t("links.about")}>
      <ProblemAlert error={links.error} />
      {links.isPending && <Loader size="sm" aria-label={t("links.reading")} />}
      {links.data?.items.length === 0 && <Text c="dimmed">{t("links.none")}</Text>}
      {links.data && links.data.items.length > 0 && (
        <Rows label={t("links.title")}>
          {links.data.items.map((link) => (
            <LinkRow key={link.code} number={number} link={link} usable={usable} />
          ))}
        </Rows>
      )}
      {usable && (
        <Group>
          <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={open}>
            {t("links.make")}
          </Button>
          <LinkForm number={number} opened={opened} onClose={close} />
        </Group>
      )}
    </Section>
  );
}

function LinkRow({ number, link, usable }: { number: PhoneNumber; link: MessageLink; usable: boolean }) {
  const { t } = useTranslation("numbers");
  const remove = useLinkDeed(number.id, removeLink);
  const [opened, { open, close }] = useDisclosure();
  const [edited, edit] = useDisclosure();
  return (
    <Row title={`“${link.text}”`} facts={link.url}>
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={open}>
          {t("links.code")}
        </Button>
        <CopyButton value={link.url}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              <span aria-live="polite">{copied ? t("links.copied") : t("links.copy")}</span>
            </Button>
          )}
        </CopyButton>
        {usable && (
          <>
            <Button size="xs" variant="default" onClick={edit.open}>
              {t("links.edit")}
            </Button>
            <ConfirmButton
              title={t("links.removeQuestion")}
              effect={t("links.removeEffect")}
              confirm={t("links.remove")}
              danger
              onConfirm={() => remove.mutateAsync(link.code)}
            >
              {t("links.remove")}
            </ConfirmButton>
            <LinkForm number={number} link={link} opened={edited} onClose={edit.close} />
          </>
        )}
      </Group>
      <Modal opened={opened} onClose={close} title={`“${link.text}”`} closeButtonProps={{ "aria-label": t("links.close") }}>
        <Stack align="center">
          <QrCode value={link.url} label={t("links.codeOf", { text: link.text })} size={240} />
          <Text size="sm">{link.url}</Text>
          <Downloads value={link.url} name={`whatsapp-${link.code}`} owner={number.verified_name ?? number.display} />
        </Stack>
      </Modal>
    </Row>
  );
}

/** Makes a link, or changes the text of one. */
function LinkForm({ number, link, opened, onClose }: { number: PhoneNumber; link?: MessageLink; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("numbers");
  const write = useLinkDeed(number.id, (path, text: string) =>
    link ? changeLink(path, { code: link.code, text }) : makeLink(path, text),
  );
  const form = useForm({ initialValues: { text: link?.text ?? "" } });
  const problem = useProblemInForm(form, write.error);
  const done = () => {
    if (!link) form.reset();
    tellDone(link ? t("links.changed") : t("links.made"));
    onClose();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={link ? t("links.edit") : t("links.make")} closeButtonProps={{ "aria-label": t("links.close") }}>
      <form onSubmit={form.onSubmit(({ text }) => write.mutate(text.trim(), { onSuccess: done }))}>
        <Stack>
          <ProblemAlert error={problem} />
          <Textarea
            label={t("links.text")}
            description={t("links.textHint", { used: form.values.text.length, most: LONGEST })}
            maxLength={LONGEST}
            autosize
            minRows={2}
            data-autofocus
            {...form.getInputProps("text")}
          />
          <FormActions pending={write.isPending} disabled={!form.values.text.trim() || !form.isDirty()} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
