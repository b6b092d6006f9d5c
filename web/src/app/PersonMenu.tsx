/** Who is signed in, and the menu of what they decide for themselves. */
import { Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Face } from "@/ui/Face";
import { onDemand } from "@/ui/onDemand";
import classes from "./OrgMenu.module.css";
import { useMe } from "./session";

const PersonItems = onDemand(async () => (await import("./PersonItems")).PersonItems);

export function PersonMenu() {
  const { t } = useTranslation();
  const { person } = useMe();
  return (
    <Menu width="target" position="top-start">
      <Menu.Target>
        <UnstyledButton className={classes.button}>
          <span className="visually-hidden">{t("nav.person")}</span>
          <Group gap="sm" wrap="nowrap">
            <Face name={person.name} size={30} />
            <div className={classes.name}>
              <Text size="sm" fw={600} truncate>
                {person.name}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {person.email}
              </Text>
            </div>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <PersonItems />
      </Menu.Dropdown>
    </Menu>
  );
}
