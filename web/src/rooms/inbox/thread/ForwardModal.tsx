/** Passing a message on to another conversation. */
import { Loader, Modal, Stack, Text, TextInput, UnstyledButton, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { Face } from "@/ui/Face";
import { tellDone } from "@/ui/Problem";
import classes from "../composer/Composer.module.css";
import { useOutbox } from "../composer/sending";
import type { Conversation } from "../places";
import { peopleQuery } from "../queries";
import { windowTime } from "../windowTime";
import { forwarded } from "./forwarding";
import type { Message } from "./stretch";

export function ForwardModal({ message, onClose }: { message: Message | null; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={message !== null} onClose={onClose} title={t("forward.title")} closeButtonProps={{ "aria-label": t("close") }}>
      {message && <Forward message={message} onClose={onClose} />}
    </Modal>
  );
}

function Forward({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const outbox = useOutbox();
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words, 200);
  const [opened] = useState(() => Date.now() * 1000);
  const { data, isPending } = useQuery(peopleQuery(org, asked));
  const pass = (to: Conversation) => {
    const content = forwarded(message);
    if (!content) return;
    outbox.add({ org, conversation: to.id, content, replyTo: null });
    tellDone(t("forward.done", { name: to.contact.display_name }));
    onClose();
  };
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
            <UnstyledButton key={one.id} className={classes.template} onClick={() => pass(one)} disabled={isShut}>
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
