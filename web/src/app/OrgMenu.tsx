/** Which organisation one looks at, and the way to the others. */
import { Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { Check, ChevronsUpDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Face } from "@/ui/Face";
import { useMe } from "./session";
import classes from "./OrgMenu.module.css";

export function OrgMenu() {
  const { t } = useTranslation();
  const { org } = useParams({ strict: false });
  const { organisations } = useMe();
  const here = organisations.find((one) => one.slug === org || (!org && organisations.length === 1));
  if (organisations.length === 0) return null;
  return (
    <Menu width="target" position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.button}>
          <span className="visually-hidden">{t("nav.organisation")}</span>
          <Group gap="sm" wrap="nowrap">
            {here && <Face name={here.name} size={30} square />}
            <div className={classes.name}>
              <Text size="sm" fw={600} lineClamp={2} lh={1.3}>
                {here?.name ?? t("nav.choose")}
              </Text>
              {here && (
                <Text size="xs" c="dimmed">
                  {t(`role.${here.role}`)}
                </Text>
              )}
            </div>
            <ChevronsUpDown size={16} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {organisations.map((one) => (
          <Menu.Item
            key={one.id}
            component={Link}
            to={`/o/${one.slug}`}
            rightSection={one.slug === org ? <Check size={14} aria-hidden /> : undefined}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
