/** The frame of an ordinary page: its title (also the window's), what it is for, and its main actions. */
import { Anchor, Box, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTitle } from "./title";

interface PageProps {
  title: string;
  about?: ReactNode;
  /** The page that this one belongs to. */
  up?: { to: string; label: string };
  actions?: ReactNode;
  /** How wide lines may grow, in pixels. */
  width?: number;
  children: ReactNode;
}

export function Page({ title, about, up, actions, width = 960, children }: PageProps) {
  useTitle(title);
  return (
    <Box p={{ base: "md", sm: "xl" }} maw={width} mx="auto" w="100%">
      <Group justify="space-between" align="flex-start" mb="lg" gap="md">
        <Stack gap={4} flex="1 1 300px">
          {up && (
            <Anchor component={Link} to={up.to} size="sm">
              {up.label}
            </Anchor>
          )}
          <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          {about && (
            <Text c="dimmed" style={{ textWrap: "balance" }}>
              {about}
            </Text>
          )}
        </Stack>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}
