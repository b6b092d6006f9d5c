/** A pasted value with Meta's verdict beside it. */
import { Group, Loader, Text, TextInput } from "@mantine/core";
import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSay } from "@/i18n/sentence";
import { PasswordField } from "@/ui/PasswordField";
import { verdict, type Report } from "../manual";
import classes from "./ManualField.module.css";

const WARNINGS = ["token_of_a_person", "token_ends", "permission_not_listed", "will_be_registered"] as const;

/** The number of each in the drawings. */
const PLACES = { token: 1, waba_id: 2, phone_number_id: 3, app: 4, app_secret: 5 } as const;

interface ManualFieldProps {
  name: keyof typeof PLACES;
  label: string;
  numeric?: boolean;
  secret?: boolean;
  value: string;
  onChange: (value: string) => void;
  report?: Report;
  looking: boolean;
}

export function ManualField({ name, label, numeric, secret, value, onChange, report, looking }: ManualFieldProps) {
  const { t } = useTranslation("onboarding");
  const say = useSay();
  const found = verdict(report, name, value);
  const problem = found?.problem;
  const shared = {
    label,
    leftSection: (
      <span className={classes.place} aria-hidden>
        {PLACES[name]}
      </span>
    ),
    value,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange(event.currentTarget.value),
    error: problem && `${say(problem.sentence)} ${say(problem.action)}`,
    autoComplete: "off",
    spellCheck: false,
  };
  const warnings = WARNINGS.filter((one) => found?.warnings.includes(one));
  return (
    <div>
      {secret ? (
        <PasswordField {...shared} visibilityToggleButtonProps={{ "aria-label": t("manual.show", { label }) }} />
      ) : (
        <TextInput {...shared} inputMode={numeric ? "numeric" : undefined} rightSection={looking && value ? <Loader size={16} aria-hidden /> : null} />
      )}
      <div role="status">
        {found?.good && (
          <Group gap={6} mt={6} align="flex-start" wrap="nowrap">
            <Check size={16} aria-hidden />
            <Text size="sm">{found.found ? t("manual.found", { found: found.found }) : t("manual.fits")}</Text>
          </Group>
        )}
        {warnings.map((one) => (
          <Text key={one} size="sm" c="dimmed" mt={4}>
            {t(`manual.warning.${one}`)}
          </Text>
        ))}
      </div>
    </div>
  );
}
