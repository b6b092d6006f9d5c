/** Which message is being answered. */
import { CloseButton, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { messageQuery } from "../queries";
import { Quoted } from "../thread/Quote";
import classes from "./Composer.module.css";

export function ReplyBar({ message, onClose }: { message: string; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const { data } = useQuery(messageQuery(useOrg(), message));
  return (
    <Group className={classes.reply} gap="xs" wrap="nowrap">
      <div className={classes.replyQuote}>{data && <Quoted message={data} />}</div>
      <CloseButton onClick={onClose} aria-label={t("composer.noReply")} />
    </Group>
  );
}
