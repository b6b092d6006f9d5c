/** How somebody connects through an app that Meta has not made live yet. */
import { Card, List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

const STEPS = ["add", "accept", "assign", "connect"] as const;

export function TesterGuide() {
  const { t } = useTranslation("onboarding");
  return (
    <Card withBorder component="section" aria-label={t("tester.title")}>
      <Text component="h2" fw={600} size="lg">
        {t("tester.title")}
      </Text>
      <Text size="sm" c="dimmed" mb="sm">
        {t("tester.about")}
      </Text>
      <List type="ordered" size="sm" spacing={6}>
        {STEPS.map((step) => (
          <List.Item key={step}>{t(`tester.${step}`)}</List.Item>
        ))}
      </List>
    </Card>
  );
}
