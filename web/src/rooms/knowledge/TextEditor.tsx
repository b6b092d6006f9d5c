/** Text to answer from, with how it is best written. */
import { Textarea, type TextareaProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function TextEditor(props: TextareaProps) {
  const { t } = useTranslation("knowledge");
  return (
    <Textarea
      label={t("text.label")}
      description={t("text.hint")}
      placeholder={t("text.placeholder")}
      autosize
      minRows={12}
      maxRows={30}
      maxLength={400_000}
      required
      withAsterisk={false}
      {...props}
    />
  );
}
