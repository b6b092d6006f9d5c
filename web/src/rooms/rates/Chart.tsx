/** A rate over time as a line, with its values and days beside it. The table beneath says the same in figures, for those who do not see it. */
import { useTranslation } from "react-i18next";
import { dayName } from "@/i18n/dayName";
import classes from "./Chart.module.css";
import { labelled, stretches } from "./rates";

const WIDTH = 600;
const HEIGHT = 120;

interface ChartProps {
  label: string;
  /** As `2026-11-21`. */
  days: readonly string[];
  values: readonly (number | null | undefined)[];
}

export function Chart({ label, days, values }: ChartProps) {
  const { i18n } = useTranslation("rates");
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent" });
  return (
    <div className={classes.whole}>
      <div className={classes.values} aria-hidden>
        {[1, 0.5, 0].map((share) => (
          <span key={share}>{percent.format(share)}</span>
        ))}
      </div>
      <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.chart}>
        {[0, 0.5, 1].map((share) => (
          <line key={share} x1={0} x2={WIDTH} y1={share * HEIGHT} y2={share * HEIGHT} />
        ))}
        {stretches(values, WIDTH, HEIGHT).map((path) => (
          <path key={path} d={path} />
        ))}
      </svg>
      <div className={classes.days} aria-hidden>
        {labelled(days).map((one) => (
          <span key={one}>{dayName(one, i18n.language, { day: "numeric", month: "short" })}</span>
        ))}
      </div>
    </div>
  );
}
