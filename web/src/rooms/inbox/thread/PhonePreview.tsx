/** A template as it will look on the phone: beside what is filled in, and beside what is written. */
import type { Filled } from "../composer/templates";
import { FilledPart } from "./TemplatePart";
import classes from "./PhonePreview.module.css";

export function PhonePreview({ label, filled }: { label: string; filled: Filled }) {
  return (
    <div className={classes.phone} role="img" aria-label={label}>
      <div className={classes.bubble}>
        <FilledPart filled={filled} />
      </div>
    </div>
  );
}
