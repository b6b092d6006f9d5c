/** What a source is made of, as a sign. */
import { ThemeIcon } from "@mantine/core";
import { FileText, GraduationCap, MessageCircleQuestionMark, TextInitial, type LucideIcon } from "lucide-react";
import type { Source } from "./queries";

const SIGNS: Record<Source["kind"], LucideIcon> = {
  text: TextInitial,
  pairs: MessageCircleQuestionMark,
  file: FileText,
  corrections: GraduationCap,
};

export function SourceMark({ kind }: { kind: Source["kind"] }) {
  const Sign = SIGNS[kind];
  return (
    <ThemeIcon size={38} variant="light" aria-hidden>
      <Sign size={20} />
    </ThemeIcon>
  );
}
