/** Asks before a page with unsaved work is left. */
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

export function useUnsaved(unsaved: boolean): void {
  const { t } = useTranslation();
  useBlocker({
    shouldBlockFn: () => unsaved && !confirm(t("unsaved")),
    enableBeforeUnload: unsaved,
    disabled: !unsaved,
  });
}
