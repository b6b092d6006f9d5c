/** The titles above a passage, outermost first. */
import { Text } from "@mantine/core";

export function PassageTitles({ titles }: { titles: readonly string[] }) {
  const path = titles.filter((title, place) => title !== titles[place - 1]);
  if (path.length === 0) return null;
  return (
    <Text size="sm" fw={600} c="dimmed" mb={4}>
      {path.join(" › ")}
    </Text>
  );
}
