/** Who wrote a message, by name. */
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { useMembers } from "../queries";
import { useThread } from "./context";
import type { Message } from "./stretch";

/** The name of the author of a message of this thread. */
export function useAuthor(message: Pick<Message, "author" | "author_id">): string {
  const { t } = useTranslation("inbox");
  const members = useMembers();
  const { person } = useMe();
  const { conversation } = useThread();
  switch (message.author) {
    case "contact":
      return conversation.contact.display_name;
    case "member": {
      const member = members.get(message.author_id ?? "");
      if (!member) return t("author.former");
      return member.email === person.email ? t("author.you") : member.name;
    }
    default:
      return t(`author.${message.author}`);
  }
}
