/** A form's page as people see it, drawn while its words are written. Nothing in it can be used. */
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Language } from "@/i18n";
import classes from "./Preview.module.css";
import type { Form, FormWording } from "./queries";

interface PreviewProps {
  form: Form;
  wording: FormWording;
  language: Language;
}

export function Preview({ form, wording, language }: PreviewProps) {
  const { t } = useTranslation("forms");
  const words = wording[language];
  const { color, ask_name } = form.settings;
  return (
    <figure className={classes.figure} aria-label={t("preview.title")}>
      <Text component="figcaption" size="sm" c="dimmed" mb="xs">
        {t("preview.title")}
      </Text>
      {words && (
        <div className={classes.card} style={{ borderTopColor: color }} inert lang={language}>
          {form.has_logo && <img className={classes.logo} src={`${new URL(form.url).pathname}/logo`} alt="" />}
          <p className={classes.business}>{wording.business}</p>
          <h3 className={classes.title}>{words.title}</h3>
          {words.intro && <p>{words.intro}</p>}
          {ask_name !== "no" && <Field label={t("preview.name")} />}
          <Field label={t(wording.channels?.includes("whatsapp") ? "preview.phone" : "preview.plainPhone")} />
          {asksEmail(form, wording) && <Field label={t("preview.email")} />}
          {wording.purposes.map((purpose) => (
            <p key={purpose} className={classes.tick}>
              <span className={classes.box} />
              {purpose === "marketing" ? words.marketing : words.utility}
            </p>
          ))}
          {words.footer && <p className={classes.small}>{words.footer}</p>}
          <p className={classes.button} style={{ background: color }}>
            {words.button}
          </p>
        </div>
      )}
    </figure>
  );
}

/** An address is asked for wherever a mail is to go. */
function asksEmail({ settings, double_opt_in }: Form, { channels }: FormWording): boolean {
  return settings.ask_email !== "no" || double_opt_in === "email" || Boolean(channels?.includes("email"));
}

function Field({ label }: { label: string }) {
  return (
    <div>
      <b>{label}</b>
      <div className={classes.field} />
    </div>
  );
}
