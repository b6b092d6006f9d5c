/** The message that another answers; a click goes to it. */
import { Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { messageQuery, threadQuery } from "../queries";
import { useBrief } from "../useBrief";
import classes from "./Bubble.module.css";
import { useThread } from "./context";
import type { Message } from "./stretch";
import { useAuthor } from "./useAuthor";

export function Quote({ message: id }: { message: string }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const { conversation, jumpTo } = useThread();
  const { data: here } = useQuery({
    ...threadQuery(org, conversation.id),
    enabled: false,
    select: (stretch) => stretch.items.find((one) => one.id === id),
  });
  const { data: fetched, isError } = useQuery({ ...messageQuery(org, id), enabled: !here });
  const quoted = here ?? fetched;
  return (
    <UnstyledButton className={classes.quote} onClick={() => jumpTo(id)} disabled={!quoted} title={t("quote.go")}>
      {quoted ? <Quoted message={quoted} /> : <Text size="xs">{isError ? t("quote.gone") : t("quote.coming")}</Text>}
    </UnstyledButton>
  );
}

/** Author and beginning of a message. */
export function Quoted({ message }: { message: Message }) {
  const author = useAuthor(message);
  const brief = useBrief();
  return (
    <>
      <Text size="xs" fw={600} truncate>
        {author}
      </Text>
      <Text size="xs" lineClamp={2} className={classes.quoteText} dir="auto">
        {brief(message.kind, message.body)}
      </Text>
    </>
  );
}
