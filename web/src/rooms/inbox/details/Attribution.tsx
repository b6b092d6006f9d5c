/** The advertisement or link that led a customer here. */
import { Anchor, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);

/** Whether it was a post, a link of one's own, or what it is otherwise: an advertisement. */
function kindOf(source: unknown) {
  if (source === "post") return "attribution.post";
  return source === "link" ? "attribution.link" : "attribution.ad";
}

export function Attribution({ attribution }: { attribution: Record<string, unknown> }) {
  const { t } = useTranslation("inbox");
  const url = text(attribution.source_url);
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {t(kindOf(attribution.source_type))}
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
