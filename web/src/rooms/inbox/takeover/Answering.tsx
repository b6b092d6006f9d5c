/** Who answers the customer: the AI, a person, or nobody, yet or any more; and the way to change that. */
import { Button, Group, Text } from "@mantine/core";
import { Bot, BotOff, CircleCheck, Hand, RotateCcw, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership } from "@/app/session";
import { waitsForPerson, type Conversation } from "../places";
import { useMembers } from "../queries";
import classes from "./Answering.module.css";
import { useChange } from "./changes";

const ICONS = { on: Bot, off: BotOff, handed_off: Hand } as const;

export function Answering({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const { member_id: me } = useMembership();
  const members = useMembers();
  const change = useChange(conversation);
  const may = useMay()("inbox.write");
  const { ai, assignee_id: assignee, status } = conversation;
  const waits = waitsForPerson(conversation);
  if (status === "closed") {
    return (
      <Group className={classes.bar} gap="xs">
        <CircleCheck size={16} aria-hidden className={classes.icon} />
        <Text size="sm" className={classes.words} role="status">
          {t("answering.closed")}
        </Text>
        {may && (
          <Button size="compact-sm" variant="default" leftSection={<RotateCcw size={14} aria-hidden />} onClick={() => change.mutate({ what: "reopen" })}>
            {t("answering.reopen")}
          </Button>
        )}
      </Group>
    );
  }
  const Icon = ICONS[ai.state];
  const name = assignee ? (assignee === me ? t("author.you") : (members.get(assignee)?.name ?? t("author.former"))) : null;
  const words =
    ai.state === "on"
      ? t("answering.ai")
      : name
        ? t(assignee === me ? "answering.you" : "answering.person", { name })
        : t(ai.state === "off" ? "answering.off" : waits ? "answering.nobody" : "answering.somebody");
  const takeOver = () => {
    change.mutate({ what: "handOff" });
    if (!assignee) change.mutate({ what: "assign", member: me });
  };
  return (
    <Group className={classes.bar} data-state={ai.state} data-calls={waits || undefined} gap="xs">
      <Icon size={16} aria-hidden className={classes.icon} />
      <Text size="sm" className={classes.words} role="status">
        {words}
      </Text>
      {may && (
        <Group gap={6} wrap="nowrap">
          {ai.state === "on" ? (
            <Button size="compact-sm" variant="default" onClick={takeOver} leftSection={<Hand size={14} aria-hidden />}>
              {t("answering.takeOver")}
            </Button>
          ) : (
            <>
              {!assignee && (
                <Button size="compact-sm" onClick={() => change.mutate({ what: "assign", member: me })}>
                  {t("answering.mine")}
                </Button>
              )}
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<Undo2 size={14} aria-hidden />}
                onClick={() => change.mutate(ai.state === "off" ? { what: "ai", on: true } : { what: "handBack" })}
              >
                {t("answering.handBack")}
              </Button>
            </>
          )}
        </Group>
      )}
    </Group>
  );
}
