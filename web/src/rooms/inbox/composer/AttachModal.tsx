/** Files before they are sent: what each will be sent as, what is too large, and the text below them. */
import { bytes } from "@/ui/bytes";
import { Button, CloseButton, Group, Modal, Select, Stack, Text, Textarea } from "@mantine/core";
import { FileText, Film, Music } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useObjectUrl } from "../thread/PendingBubble";
import classes from "./Composer.module.css";
import { fit, most, type FileKind } from "./files";
import type { Attached, Content } from "./outbox";

/** What WhatsApp takes below a file. */
const CAPTION = 1024;

/** A message with a file. */
interface WithFile {
  content: Content;
  attached: Attached;
}

interface AttachModalProps {
  files: readonly File[];
  /** What was typed already. */
  caption: string;
  onClose: () => void;
  onMore: () => void;
  onSend: (messages: WithFile[], usedCaption: boolean) => void;
}

export function AttachModal({ files, onClose, ...more }: AttachModalProps) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={files.length > 0} onClose={onClose} title={t("attach.title", { count: files.length })} closeButtonProps={{ "aria-label": t("close") }}>
      {files.length > 0 && <Attach files={files} {...more} />}
    </Modal>
  );
}

/** The content of a message that carries a file; its upload gives the id. */
function withFile(file: File, kind: FileKind, caption: string): WithFile {
  const source = { media_id: "" };
  const text = caption.trim() || null;
  const attached = { file, kind };
  switch (kind) {
    case "image":
    case "video":
      return { attached, content: { type: kind, file: source, caption: text } };
    case "audio":
      return { attached, content: { type: "audio", file: source, voice: false } };
    case "sticker":
      return { attached, content: { type: "sticker", file: source } };
    case "document":
      return { attached, content: { type: "document", file: source, caption: text, filename: file.name } };
  }
}

function Attach({ files, caption, onSend, onMore }: Omit<AttachModalProps, "onClose">) {
  const { t } = useTranslation("inbox");
  const [left, setLeft] = useState<ReadonlySet<File>>(new Set());
  const [asPapers, setAsPapers] = useState<ReadonlySet<File>>(new Set());
  const [text, setText] = useState(caption);
  const shown = files.filter((file) => !left.has(file));
  const kinds = shown.map((file) => {
    const found = fit(file);
    return { file, found, kind: found.kind && asPapers.has(file) ? ("document" as const) : found.kind };
  });
  const good = kinds.filter((one) => one.kind !== null);
  // A text below a sound does not exist: it goes with the first file that can carry one.
  const carrier = good.find((one) => one.kind !== "audio");
  const send = () => {
    const messages = good.map(({ file, kind }) => withFile(file, kind ?? "document", file === carrier?.file ? text : ""));
    onSend(messages, Boolean(carrier));
  };
  return (
    <Stack>
      {kinds.map(({ file, kind }) => (
        <FileRow
          key={`${file.name} ${file.lastModified} ${file.size}`}
          file={file}
          kind={kind}
          onKind={(asPaper) => setAsPapers((had) => new Set(asPaper ? [...had, file] : [...had].filter((one) => one !== file)))}
          onRemove={() => setLeft((had) => new Set([...had, file]))}
        />
      ))}
      {carrier && (
        <Textarea
          label={t("attach.caption")}
          autosize
          maxRows={6}
          maxLength={CAPTION}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
      )}
      <Group justify="space-between">
        <Button variant="default" onClick={onMore}>
          {t("attach.others")}
        </Button>
        <Button onClick={send} disabled={good.length === 0}>
          {t("attach.send", { count: good.length })}
        </Button>
      </Group>
    </Stack>
  );
}

interface FileRowProps {
  file: File;
  kind: FileKind | null;
  onKind: (asPaper: boolean) => void;
  onRemove: () => void;
}

function FileRow({ file, kind, onKind, onRemove }: FileRowProps) {
  const { t, i18n } = useTranslation("inbox");
  const found = fit(file);
  const url = useObjectUrl(kind === "image" ? file : null);
  const Icon = kind === "video" ? Film : kind === "audio" ? Music : FileText;
  const size = (length: number) => bytes(length, i18n.language);
  return (
    <Group className={classes.file} wrap="nowrap" gap="sm">
      {url ? <img src={url} alt="" className={classes.thumb} /> : <div className={classes.thumb}>{<Icon size={26} aria-hidden />}</div>}
      <Stack gap={4} flex={1} miw={0}>
        <Text size="sm" fw={500} truncate>
          {file.name}
        </Text>
        <Text size="xs" c="dimmed">
          {size(file.size)}
        </Text>
        {found.problem && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {found.problem === "empty" ? t("attach.empty") : t("attach.tooLarge", { most: size(found.most) })}
          </Text>
        )}
        {found.kind && found.kind !== "document" && found.kind !== "sticker" && (
          <Select
            size="xs"
            aria-label={t("attach.as", { name: file.name })}
            data={[
              { value: found.kind, label: t(`attach.kind.${found.kind}`) },
              { value: "document", label: t("attach.kind.document") },
            ]}
            value={kind}
            allowDeselect={false}
            onChange={(chosen) => onKind(chosen === "document")}
          />
        )}
        {found.kind === "document" && found.asFile && (
          <Text size="xs" c="dimmed">
            {t("attach.asFile", { most: size(most(file.type.startsWith("image/") ? "image" : "video")) })}
          </Text>
        )}
      </Stack>
      <CloseButton onClick={onRemove} aria-label={t("attach.remove", { name: file.name })} />
    </Group>
  );
}
