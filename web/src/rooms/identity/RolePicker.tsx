/** A choice of roles, each explained by what it may do. */
import { Radio, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMembership } from "@/app/session";

export type Role = Schemas["Role"];

const ROLES: readonly Role[] = ["owner", "admin", "agent", "viewer"];

/** The roles that somebody of a role may give: none above their own. */
export function grantable(own: Role): readonly Role[] {
  return ROLES.slice(ROLES.indexOf(own));
}

export function RolePicker({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation("identity");
  const { role: own } = useMembership();
  return (
    <Radio.Group label={t("members.role")} value={value} onChange={(role) => onChange(role)}>
      <Stack gap="sm" mt="xs">
        {grantable(own).map((role) => (
          <Radio key={role} value={role} label={t(`role.${role}`, { ns: "app" })} description={t(`roleMay.${role}`)} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
