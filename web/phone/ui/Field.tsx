/** Fields with their labels, hints and faults. */
import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";
import classes from "./Field.module.css";

interface FieldProps {
  label: string;
  hint?: ReactNode;
}

function Frame({ id, label, hint, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className={classes.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, ...rest }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint}>
      <input {...rest} id={id} className={classes.input} aria-describedby={hint ? `${id}-hint` : undefined} />
    </Frame>
  );
}

export function SelectField({ label, hint, ...rest }: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint}>
      <select {...rest} id={id} className={classes.input} aria-describedby={hint ? `${id}-hint` : undefined} />
    </Frame>
  );
}

interface SwitchProps extends FieldProps {
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, hint, on, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className={classes.switch}>
      <div>
        <span id={id}>{label}</span>
        {hint && (
          <p id={`${id}-hint`} className={classes.hint}>
            {hint}
          </p>
        )}
      </div>
      <button
        type="button"
        role="switch"
        aria-checked={on}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        disabled={disabled}
        className={classes.track}
        onClick={() => onChange(!on)}
      >
        <span className={classes.knob} />
      </button>
    </div>
  );
}
