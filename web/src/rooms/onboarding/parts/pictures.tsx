/** Drawn pictures of where Meta's pages show the values that are asked for. Drawings, not screenshots: Meta moves things. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./pictures.module.css";

interface PictureProps {
  /** What is drawn, for those who do not see it. */
  label: string;
  title: string;
  menu: readonly string[];
  /** The place in the menu. */
  here: number;
  height: number;
  children: ReactNode;
}

/** A page of Meta's: its title, its menu with the place that one goes to, and what is seen there. */
function Picture({ label, title, menu, here, height, children }: PictureProps) {
  return (
    <svg className={classes.picture} viewBox={`0 0 420 ${height}`} role="img" aria-label={label}>
      <rect className={classes.page} x="0.5" y="0.5" width="419" height={height - 1} rx="8" />
      <path className={classes.line} d={`M0 30H420M128 30V${height}`} />
      <circle className={classes.dot} cx="14" cy="15" r="4" />
      <text className={classes.title} x="26" y="19">
        {title}
      </text>
      {menu.map((item, place) => (
        <g key={item}>
          {place === here && <rect className={classes.here} x="6" y={40 + place * 26} width="116" height="20" rx="4" />}
          <text className={place === here ? classes.strong : classes.text} x="14" y={54 + place * 26}>
            {item}
          </text>
        </g>
      ))}
      {children}
    </svg>
  );
}

/** A value to copy, with the sign that points at it. */
function Value({ y, name, value, mark }: { y: number; name: string; value: string; mark: string }) {
  return (
    <g>
      <text className={classes.text} x="142" y={y}>
        {name}
      </text>
      <rect className={classes.field} x="142" y={y + 6} width="216" height="22" rx="4" />
      <text className={classes.value} x="150" y={y + 21}>
        {value}
      </text>
      <circle className={classes.mark} cx="384" cy={y + 17} r="11" />
      <text className={classes.markText} x="384" y={y + 21} textAnchor="middle">
        {mark}
      </text>
    </g>
  );
}

/** Business Settings, System users: where the token is made. */
export function TokenPicture() {
  const { t } = useTranslation("onboarding");
  return (
    <Picture label={t("picture.token")} title="Business Settings" menu={["Accounts", "Users", "System users", "Apps"]} here={2} height={190}>
      <rect className={classes.field} x="142" y="42" width="122" height="24" rx="4" />
      <text className={classes.text} x="150" y="58">
        Assign assets
      </text>
      <rect className={classes.button} x="276" y="42" width="130" height="24" rx="4" />
      <text className={classes.buttonText} x="341" y="58" textAnchor="middle">
        Generate token
      </text>
      <text className={classes.text} x="142" y="92">
        Expiration: Never
      </text>
      <path className={classes.tick} d="M144 106l4 4 7-8M144 126l4 4 7-8" />
      <text className={classes.small} x="162" y="112">
        whatsapp_business_management
      </text>
      <text className={classes.small} x="162" y="132">
        whatsapp_business_messaging
      </text>
      <Value y={152} name="Token" value="EAAG…ZDZD" mark="1" />
    </Picture>
  );
}

/** App Dashboard, Settings, Basic: where an app's id and secret stand. */
export function AppPicture() {
  const { t } = useTranslation("onboarding");
  return (
    <Picture label={t("picture.app")} title="App Dashboard" menu={["App settings", "Basic", "Advanced", "App roles"]} here={1} height={166}>
      <Value y={62} name="App ID" value="1234567890…" mark="4" />
      <Value y={122} name="App secret" value="••••••••  Show" mark="5" />
    </Picture>
  );
}

/** WhatsApp Manager, Phone numbers: where both ids stand. */
export function NumbersPicture() {
  const { t } = useTranslation("onboarding");
  return (
    <Picture label={t("picture.numbers")} title="WhatsApp Manager" menu={["Overview", "Account tools", "Phone numbers", "Templates"]} here={2} height={156}>
      <Value y={56} name="WhatsApp Business account ID" value="1029384756…" mark="2" />
      <Value y={112} name="Phone number ID" value="5647382910…" mark="3" />
    </Picture>
  );
}
