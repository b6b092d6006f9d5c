/** What a person decides for themselves on any page: their colours, their language, the way out. */
import { Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, LogOut, Monitor, Moon, Sun, UserRound, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { LANGUAGE_NAMES, LANGUAGES, speak, type Language } from "@/i18n";
import { remember } from "./appearance";
import { meQuery, useSignOut } from "./session";

const SCHEMES: readonly [MantineColorScheme, LucideIcon][] = [
  ["light", Sun],
  ["dark", Moon],
  ["auto", Monitor],
];

export function PersonItems() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const signOut = useSignOut();

  const choose = async (language: Language) => {
    remember({ language });
    await speak(language);
    await answer(api.PATCH("/api/v1/me", { body: { locale: language } }));
    await queries.invalidateQueries(meQuery);
  };

  return (
    <>
      <Menu.Item leftSection={<UserRound size={14} aria-hidden />} component={Link} to="/account">
        {t("nav.account")}
      </Menu.Item>
      <Menu.Label>{t("appearance.title")}</Menu.Label>
      {SCHEMES.map(([scheme, Icon]) => (
        <Menu.Item
          key={scheme}
          leftSection={<Icon size={14} aria-hidden />}
          rightSection={colorScheme === scheme ? <Check size={14} aria-hidden /> : undefined}
          onClick={() => setColorScheme(scheme)}
        >
          {t(`appearance.${scheme}`)}
        </Menu.Item>
      ))}
      <Menu.Label>{t("appearance.language")}</Menu.Label>
      {LANGUAGES.map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          rightSection={i18n.language === language ? <Check size={14} aria-hidden /> : undefined}
          onClick={() => void choose(language)}
        >
          {LANGUAGE_NAMES[language]}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={() => void signOut()}>
        {t("nav.signOut")}
      </Menu.Item>
    </>
  );
}
