/** The frame of pages that need no account: the name, the choice of language, and the page itself. */
import { Box, Button, Group, Menu, Text } from "@mantine/core";
import { Languages } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGE_NAMES, LANGUAGES, speak, type Language } from "@/i18n";
import { appearance, remember } from "./appearance";

interface PublicFrameProps {
  width: number;
  /** The language of whoever invited, for browsers that want none of ours. */
  locale?: string;
  children: ReactNode;
}

export function PublicFrame({ width, locale, children }: PublicFrameProps) {
  useTheirLanguage(locale);
  return (
    <Box component="main" p={{ base: "md", sm: "xl" }} maw={width} mx="auto">
      <Head />
      {children}
    </Box>
  );
}

function Head() {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" mb="xl">
      <Group gap="xs">
        <img src="/icon.svg" alt="" width={28} height={28} />
        <Text fw={700} size="lg">
          Sapa
        </Text>
      </Group>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" size="sm" leftSection={<Languages size={16} aria-hidden />}>
            {t("appearance.language")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {LANGUAGES.map((language) => (
            <Menu.Item
              key={language}
              onClick={() => {
                remember({ language });
                void speak(language);
              }}
            >
              {LANGUAGE_NAMES[language]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

/** Whose browser wants no language of ours gets the organisation's. */
function useTheirLanguage(locale?: string) {
  useEffect(() => {
    const spoken = (one: string) => LANGUAGES.includes(one.split("-")[0] as Language);
    if (appearance().language || navigator.languages.some(spoken)) return;
    const known = LANGUAGES.find((one) => one === locale);
    if (known) void speak(known);
  }, [locale]);
}
