/** The person's own account. */
import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Alerts } from "@/rooms/alerts/Alerts";
import { Page } from "@/ui/Page";
import { Identities } from "./Identities";
import { PasswordForm } from "./PasswordForm";
import { Passkeys } from "./Passkeys";
import { ProfileForm } from "./ProfileForm";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";

export function AccountPage() {
  const { t } = useTranslation("identity");
  return (
    <Page title={t("account.title")} about={t("account.about")} width={760}>
      <Stack gap="lg">
        <ProfileForm />
        <PasswordForm />
        <SecondFactor />
        <Passkeys />
        <Identities />
        <Alerts />
        <Sessions />
      </Stack>
    </Page>
  );
}
