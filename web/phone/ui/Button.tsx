/** Buttons: round ones with an icon alone, and those with words. */
import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, Ref } from "react";
import classes from "./Button.module.css";

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: LucideIcon;
  /** What it does, for those who do not see the icon. */
  label: string;
  /** Filled, for what is done most. */
  filled?: boolean;
  /** The icon points somewhere and turns round where lines run from the right. */
  turns?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon: Icon, label, filled, turns, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={[classes.icon, filled && classes.filled, className].filter(Boolean).join(" ")}
    >
      <Icon size={21} aria-hidden className={turns ? classes.turns : undefined} />
    </button>
  );
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "filled" | "plain" | "danger";
  /** It is being done. */
  busy?: boolean;
  icon?: LucideIcon;
}

export function Button({ kind = "plain", busy, icon: Icon, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled ?? busy}
      aria-busy={busy}
      data-kind={kind}
      className={[classes.button, className].filter(Boolean).join(" ")}
    >
      {Icon && <Icon size={17} aria-hidden />}
      <span>{children}</span>
    </button>
  );
}
