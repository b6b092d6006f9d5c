/** What a message says, whatever its kind. */
import { Group, Text } from "@mantine/core";
import { Ban, CircleHelp, Info } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { isLargeEmoji } from "@/whatsapp/format";
import { CardsPart, FormPart, LocationPart, OrderPart, TemplatePart } from "../parts";
import { said, type Said } from "./content";
import { FilePart } from "./Files";
import { Formatted } from "./Formatted";
import classes from "./Bubble.module.css";
import { ChoicePart, InteractivePart } from "./Parts";
import type { Message } from "./stretch";

interface MessageBodyProps {
  message: Message;
  words?: readonly string[];
}

export const MessageBody = memo(function MessageBody({ message, words }: MessageBodyProps) {
  const org = useOrg();
  return <SaidPart said={said(message, org)} number={message.number_id} words={words} />;
});

function SaidPart({ said: what, number, words }: { said: Said; number: string; words?: readonly string[] }) {
  const { t } = useTranslation("inbox");
  switch (what.type) {
    case "text":
      if (isLargeEmoji(what.text)) return <span className={classes.emoji}>{what.text}</span>;
      return <Formatted text={what.text} words={words} />;
    case "file":
      return (
        <>
          <FilePart said={what} />
          {what.caption && <Formatted text={what.caption} words={words} />}
        </>
      );
    case "location":
      return <LocationPart said={what} />;
    case "cards":
      return <CardsPart said={what} />;
    case "interactive":
      return <InteractivePart said={what} />;
    case "choice":
      return <ChoicePart said={what} />;
    case "form":
      return <FormPart said={what} />;
    case "template":
      return <TemplatePart said={what} number={number} />;
    case "order":
      return <OrderPart said={what} />;
    case "reaction":
      return <Text size="sm">{what.emoji ? t("reaction.earlier", { emoji: what.emoji }) : t("reaction.taken")}</Text>;
    case "system":
      return <Remark icon={Info}>{what.text || t("kind.system")}</Remark>;
    case "unsupported":
      return <Remark icon={Ban}>{t("unsupported")}</Remark>;
    case "unknown":
      return <Remark icon={CircleHelp}>{t("unknownKind", { kind: what.what })}</Remark>;
  }
}

function Remark({ icon: Icon, children }: { icon: typeof Info; children: React.ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" className={classes.remark}>
      <Icon size={16} aria-hidden />
      <Text size="sm" fs="italic">
        {children}
      </Text>
    </Group>
  );
}
