/** The frame of an ordinary page: its title (also the window's), what it is for, and its main actions. */
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface PageProps {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  /** How wide lines may grow, in pixels. */
  width?: number;
  children: ReactNode;
}

export function Page({ title, about, actions, width = 960, children }: PageProps) {
  useDocumentTitle(`${title} · Sapa`);
  return (
    <Box p={{ base: "md", sm: "xl" }} maw={width} mx="auto" w="100%">
      <Group justify="space-between" align="flex-start" mb="lg" gap="md">
        <Stack gap={4} flex="1 1 300px">
          <Title order={1} size="h2">
            {title}
          </Title>
          {about && <Text c="dimmed">{about}</Text>}
        </Stack>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}
