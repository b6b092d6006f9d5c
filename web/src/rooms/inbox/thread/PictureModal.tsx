/** A picture of a message, as large as it fits. */
import { Anchor, Modal, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Files.module.css";

interface PictureModalProps {
  url: string;
  /** What it shows, in words. */
  what: string;
  isOpen: boolean;
  onClose: () => void;
}

export function PictureModal({ url, what, isOpen, onClose }: PictureModalProps) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={isOpen} onClose={onClose} size="auto" title={what} closeButtonProps={{ "aria-label": t("close") }}>
      <Stack>
        <img src={url} alt={what} className={classes.large} />
        <Anchor href={url} download>
          {t("file.download")}
        </Anchor>
      </Stack>
    </Modal>
  );
}
