/** The phone beside the editor, which shows every letter at once. */
import { Box, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { filled, type Filled } from "@/rooms/inbox/composer/templates";
import { PhonePreview } from "@/rooms/inbox/thread/PhonePreview";
import { gapsOf, partsOf, type Editing, type Header } from "../editing";

/** Where a sample that we keep is looked at. */
export function sampleUrl(org: string, header: Header): string | null {
  return header.sample.startsWith("media:") ? `/api/v1/orgs/${org}/media/${header.sample.slice("media:".length)}` : null;
}

function withSample(look: Filled, org: string, header: Header): Filled {
  const isMedia = look.header && "media" in look.header;
  return isMedia && look.header && "media" in look.header ? { ...look, header: { ...look.header, link: sampleUrl(org, header) } } : look;
}

/** What somebody gets who is sent the examples. */
export function lookOf(editing: Editing, org: string, words: { body: string; advice: string; minutes: string; copy: string }): Filled {
  if (editing.category === "AUTHENTICATION") {
    const { advice, minutes } = editing.code;
    return {
      header: null,
      body: advice ? `${words.body} ${words.advice}` : words.body,
      footer: minutes === "" ? null : words.minutes,
      taps: [{ label: words.copy, kind: "copy" }],
    };
  }
  const { parts } = partsOf(editing);
  const values = Object.fromEntries([
    ...gapsOf(editing.body).map((gap) => [`body.${gap}`, editing.examples[gap] ?? ""] as const),
    ...gapsOf(editing.header.text).map((gap) => [`header.${gap}`, editing.examples[`header.${gap}`] ?? ""] as const),
  ]);
  const look = filled({ components: parts }, values);
  const cards = (look.cards ?? []).map((card, at) => {
    const header = editing.cards?.[at]?.header;
    return header ? withSample(card, org, header) : card;
  });
  return { ...withSample(look, org, editing.header), cards };
}

export function EditorPreview({ editing }: { editing: Editing }) {
  const { t } = useTranslation("templates");
  const org = useOrg();
  const words = {
    body: t("code.body"),
    advice: t("code.adviceText"),
    minutes: t("code.minutesText", { count: Number(editing.code.minutes) }),
    copy: t("code.copy"),
  };
  return (
    <Box pos="sticky" top={24}>
      <Stack gap="xs">
        <PhonePreview label={t("editor.preview")} filled={lookOf(editing, org, words)} />
        <Text size="xs" c="dimmed">
          {t("editor.previewHint")}
        </Text>
      </Stack>
    </Box>
  );
}
