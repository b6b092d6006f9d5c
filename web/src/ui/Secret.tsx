/** Something to copy; and something that is told once. */
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import { Check, Copy, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./Secret.module.css";

/** A value in full with a button that copies it. */
export function Copyable({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <Group gap="xs" wrap="nowrap" align="center">
        <Code block className={classes.value} tabIndex={0} aria-label={label}>
          {value}
        </Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              miw="max-content"
              leftSection={copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
              aria-label={t("copyNamed", { name: label })}
            >
              <span aria-live="polite">{copied ? t("copied") : t("copy")}</span>
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}

/** A value that is told this once. */
export function Secret({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Alert color="yellow" icon={<TriangleAlert size={18} aria-hidden />} p="xs">
        {t("toldOnce")}
      </Alert>
      <Copyable label={label} value={value} />
    </Stack>
  );
}
