/** A rate over time as a line. The table beneath says the same in figures, for those who do not see it. */
import classes from "./Chart.module.css";
import { stretches } from "./rates";

const WIDTH = 600;
const HEIGHT = 120;

export function Chart({ label, values }: { label: string; values: readonly (number | null | undefined)[] }) {
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.chart}>
      {[0, 0.5, 1].map((share) => (
        <line key={share} x1={0} x2={WIDTH} y1={share * HEIGHT} y2={share * HEIGHT} />
      ))}
      {stretches(values, WIDTH, HEIGHT).map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
