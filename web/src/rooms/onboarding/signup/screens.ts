/** The screens of Meta's window, by the names that it gives them. (Meta: embedded-signup/errors, 2026-06.) */
import { useTranslation } from "react-i18next";

const KNOWN = [
  "BUSINESS_ACCOUNT_SELECTION",
  "WABA_PHONE_PROFILE_PICKER",
  "WHATSAPP_BUSINESS_PROFILE_SETUP",
  "PHONE_NUMBER_SETUP",
  "PHONE_NUMBER_VERIFICATION",
  "PERMISSIONS",
] as const;

/** Names a screen in plain words; one that is not known keeps Meta's name. */
export function useScreen(): (name: string) => string {
  const { t } = useTranslation("onboarding");
  return (name) => {
    const known = KNOWN.find((one) => one === name);
    return known ? t(`signup.screen.${known}`) : name;
  };
}
