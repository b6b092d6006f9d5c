/** Passing a message on to another conversation. */
import { Button, Group, Loader, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { Face } from "@/ui/Face";
import { tellDone } from "@/ui/Problem";
import classes from "../composer/Composer.module.css";
import preview from "./PhonePreview.module.css";
import { useOutbox } from "../composer/sending";
import type { Conversation } from "../places";
import { peopleQuery } from "../queries";
import { windowTime } from "../windowTime";
import { forwarded } from "./forwarding";
import { MessageBody } from "./MessageBody";
import type { Message } from "./stretch";

export function ForwardModal({ message, onClose }: { message: Message | null; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const [to, setTo] = useState<Conversation | null>(null);
  const leave = () => {
    setTo(null);
    onClose();
  };
  const title = to ? t("forward.ask", { name: to.contact.display_name }) : t("forward.title");
  return (
    <Modal opened={message !== null} onClose={leave} title={title} closeButtonProps={{ "aria-label": t("close") }}>
      {message && !to && <Choose message={message} onChoose={setTo} />}
      {message && to && <Confirm message={message} to={to} onBack={() => setTo(null)} onDone={leave} />}
    </Modal>
  );
}

/** Whom it goes to. */
function Choose({ message, onChoose }: { message: Message; onChoose: (to: Conversation) => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words, 200);
  const [opened] = useState(() => Date.now() * 1000);
  const { data, isPending } = useQuery(peopleQuery(org, asked));
  const others = data?.items.filter((one) => one.id !== message.conversation_id) ?? [];
  return (
    <Stack>
      <TextInput
        aria-label={t("forward.search")}
        placeholder={t("forward.search")}
        leftSection={<Search size={16} aria-hidden />}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        data-autofocus
      />
      {isPending && <Loader size="sm" aria-label={t("loading", { ns: "app" })} />}
      <div className={classes.templates}>
        {others.map((one) => {
          const { state } = windowTime(one.window_closes_at, opened);
          const isShut = state === "never" || state === "closed";
          return (
            <UnstyledButton key={one.id} className={classes.template} onClick={() => onChoose(one)} disabled={isShut}>
              <Group gap="sm" wrap="nowrap">
                <Face name={one.contact.display_name} size={32} />
                <div>
                  <Text size="sm" fw={500}>
                    {one.contact.display_name}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {isShut ? t("forward.closed") : (one.contact.phone ? `+${one.contact.phone}` : one.contact.username)}
                  </Text>
                </div>
              </Group>
            </UnstyledButton>
          );
        })}
        {!isPending && others.length === 0 && <Text size="sm">{t("forward.none")}</Text>}
      </div>
    </Stack>
  );
}

/** What goes there, and what follows from it, before it does. */
function Confirm({ message, to, onBack, onDone }: { message: Message; to: Conversation; onBack: () => void; onDone: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const outbox = useOutbox();
  const name = to.contact.display_name;
  const send = () => {
    const content = forwarded(message);
    if (!content) return;
    outbox.add({ org, conversation: to.id, content, replyTo: null });
    tellDone(t("forward.done", { name }));
    onDone();
  };
  return (
    <Stack>
      <div className={preview.phone}>
        <div className={preview.bubble}>
          <MessageBody message={message} />
        </div>
      </div>
      {to.ai.state === "on" && (
        <Text size="sm" c="dimmed">
          {t("forward.ai", { name })}
        </Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          {t("forward.back")}
        </Button>
        {/* Whoever chose by keyboard goes on with it. */}
        <Button onClick={send} autoFocus>
          {t("composer.send")}
        </Button>
      </Group>
    </Stack>
  );
}
