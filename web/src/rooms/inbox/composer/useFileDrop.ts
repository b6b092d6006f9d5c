/** Files that are dropped anywhere on the page. */
import { useEffect, useEffectEvent, useState } from "react";

/** Tells whether files hang over the page. `null`: they are not taken. */
export function useFileDrop(take: ((files: File[]) => void) | null): boolean {
  const [isOver, setOver] = useState(false);
  const taken = useEffectEvent((files: File[]) => take?.(files));
  const isOn = take !== null;
  useEffect(() => {
    if (!isOn) return;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      taken([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [isOn]);
  return isOver;
}
