/** Draws a QR code as one path. */
import { useMemo } from "react";
import { encode } from "uqr";
import classes from "./QrDrawn.module.css";

export function QrDrawn({ value, label, size }: { value: string; label: string; size: number }) {
  const { path, modules } = useMemo(() => {
    const code = encode(value, { ecc: "M", border: 2 });
    const dark = code.data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : "")));
    return { path: dark.join(""), modules: code.size };
  }, [value]);
  return (
    <svg role="img" aria-label={label} width={size} height={size} viewBox={`0 0 ${modules} ${modules}`} className={classes.code}>
      <path d={path} shapeRendering="crispEdges" />
    </svg>
  );
}
