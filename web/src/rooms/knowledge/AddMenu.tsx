/** The ways in which knowledge comes in. */
import { Button, Menu } from "@mantine/core";
import { useFileDialog } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { FileUp, MessageCircleQuestionMark, Plus, TextInitial } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";

/** What the file chooser offers; the server looks at the content and not at the name. */
export const READABLE = ".pdf,.docx,.html,.htm,.csv,.tsv,.md,.txt";

export function AddMenu({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  const chooser = useFileDialog({
    multiple: true,
    accept: READABLE,
    resetOnOpen: true,
    onChange: (files) => onFiles([...(files ?? [])]),
  });
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button leftSection={<Plus size={16} aria-hidden />}>{t("add.menu")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<FileUp size={16} aria-hidden />} onClick={() => chooser.open()}>
          {t("add.files")}
        </Menu.Item>
        <Menu.Item
          leftSection={<MessageCircleQuestionMark size={16} aria-hidden />}
          component={Link}
          to={`/o/${slug}/knowledge/add/pairs`}
        >
          {t("add.pairs")}
        </Menu.Item>
        <Menu.Item leftSection={<TextInitial size={16} aria-hidden />} component={Link} to={`/o/${slug}/knowledge/add/text`}>
          {t("add.text")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
