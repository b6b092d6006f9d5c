/** Language and colours of this page, remembered in this browser. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "@/i18n/languages";
import { speak } from "../texts";
import { remember, wishes, type Scheme } from "../wishes";
import classes from "./Tools.module.css";

const SCHEMES: readonly Scheme[] = ["auto", "light", "dark"];

export function Look() {
  const { t, i18n } = useTranslation("phone");
  const [scheme, setScheme] = useState<Scheme>(wishes().scheme ?? "auto");
  return (
    <div className={classes.look}>
      <select
        aria-label={t("look.colours")}
        value={scheme}
        onChange={(event) => {
          const chosen = event.target.value as Scheme;
          setScheme(chosen);
          remember({ scheme: chosen });
        }}
      >
        {SCHEMES.map((one) => (
          <option key={one} value={one}>
            {t(`look.${one}`)}
          </option>
        ))}
      </select>
      <select
        aria-label={t("look.language")}
        value={i18n.language}
        onChange={(event) => {
          const language = event.target.value as Language;
          remember({ language });
          void speak(language);
        }}
      >
        {LANGUAGES.map((one) => (
          <option key={one} value={one} lang={one}>
            {LANGUAGE_NAMES[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
