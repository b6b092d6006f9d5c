/** What a source is and how much of it there is, fact by fact. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { fileSize, languageName } from "./facts";
import type { Source } from "./queries";

export function useSourceFacts(source: Source): ReactNode[] {
  const { t, i18n } = useTranslation("knowledge");
  return [
    source.kind === "file" ? source.file_name : t(`kind.${source.kind}`),
    source.language && languageName(source.language, i18n.language),
    source.kind === "file" && fileSize(source.size, i18n.language),
    source.state === "ready" && t("passages", { count: source.passages }),
  ];
}
