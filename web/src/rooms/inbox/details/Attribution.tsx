/** The advertisement or link that led a customer here. */
import { Anchor, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);

export function Attribution({ attribution }: { attribution: Record<string, unknown> }) {
  const { t } = useTranslation("inbox");
  const url = text(attribution.source_url);
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {t(attribution.source_type === "post" ? "attribution.post" : "attribution.ad")}
      </Text>
      {text(attribution.headline) && (
        <Text size="sm" fw={500}>
          {text(attribution.headline)}
        </Text>
      )}
      {text(attribution.body) && <Text size="sm">{text(attribution.body)}</Text>}
      {url && /^https?:\/\//.test(url) && (
        <Anchor size="sm" href={url} target="_blank" rel="noopener noreferrer" underline="always">
          {t("attribution.see")}
        </Anchor>
      )}
    </Stack>
  );
}
