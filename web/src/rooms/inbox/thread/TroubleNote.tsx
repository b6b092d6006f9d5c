/** Why a message went nowhere or waits, what may be done, and the way to try again. */
import { Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { tellProblem } from "@/ui/Problem";
import { useTrouble } from "../words";
import classes from "./Bubble.module.css";
import type { Message } from "./stretch";

/** Another channel carries it: sent again it would come twice. */
const isElsewhere = (message: Message) => (message.problem as { code?: string } | null)?.code === "sent_elsewhere";

const STUCK: ReadonlySet<Message["state"]> = new Set(["failed", "refused", "unresolved"]);

export function TroubleNote({ message }: { message: Message }) {
  const isStuck = STUCK.has(message.state);
  if (message.direction === "inbound" || !(isStuck || (message.state === "queued" && message.problem))) return null;
  return <Note message={message} isStuck={isStuck} />;
}

function Note({ message, isStuck }: { message: Message; isStuck: boolean }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay();
  const { title, action } = useTrouble()(message.problem);
  const retry = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/orgs/{org}/messages/{message}/retry", { params: { path: { org, message: message.id } } }),
      ),
    onError: tellProblem,
  });
  return (
    <Stack gap={4} align="flex-start" className={classes.trouble}>
      <Text size="xs" className={isStuck ? classes.troubleText : classes.quoteText}>
        {isStuck ? null : `${t("trouble.waits")} `}
        {title ?? t("trouble.failed")} {action}
      </Text>
      {isStuck && !isElsewhere(message) && may("inbox.write") && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<RotateCw size={12} aria-hidden />}
          loading={retry.isPending}
          onClick={() => retry.mutate()}
        >
          {t("trouble.retry")}
        </Button>
      )}
    </Stack>
  );
}
