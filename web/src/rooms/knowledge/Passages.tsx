/** What the AI reads of a source: the parts that are found, answered from and cited. */
import { Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { usePaged } from "@/ui/Paged";
import { PassageTitles } from "./PassageTitles";
import { passagesQuery, type Source } from "./queries";

export function Passages({ source }: { source: Source }) {
  const { t } = useTranslation("knowledge");
  const { items, more } = usePaged(passagesQuery(useOrg(), source.id));
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {items.length > 0 ? t("passage.about") : t(source.state === "pending" ? "passage.soon" : "passage.none")}
      </Text>
      {items.map((passage) => (
        <Paper key={passage.id} withBorder p="sm" lang={passage.language}>
          <PassageTitles titles={passage.titles} />
          <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{passage.text}</Text>
        </Paper>
      ))}
      {more}
    </Stack>
  );
}
