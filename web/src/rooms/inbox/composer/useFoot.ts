/** How much of the foot of the page the composer takes, so that what is told stands above it. */
import { useEffect, type RefObject } from "react";

export function useFoot(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { style } = document.documentElement;
    const observer = new ResizeObserver(([entry]) => {
      style.setProperty("--sapa-foot", `${Math.ceil(entry?.borderBoxSize[0]?.blockSize ?? 0)}px`);
    });
    if (box.current) observer.observe(box.current);
    return () => {
      observer.disconnect();
      style.removeProperty("--sapa-foot");
    };
  }, [box]);
}
