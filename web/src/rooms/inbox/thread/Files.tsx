/** Files of messages: pictures, films, sounds, papers, stickers; on their way, here, or failed. */
import { ActionIcon, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, Clock, Download, FileText, RotateCw, ShieldAlert } from "lucide-react";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { bytes } from "@/ui/bytes";
import { tellProblem } from "@/ui/Problem";
import { useTrouble } from "../words";
import type { FileShown, Said } from "./content";
import { PictureModal, VoicePlayer } from "../parts";
import classes from "./Files.module.css";

type FileSaid = Extract<Said, { type: "file" }>;

export function FilePart({ said }: { said: FileSaid }) {
  const { file, kind } = said;
  if (file.state === "failed") return <FailedFile file={file} />;
  if (file.state === "blocked" || file.state === "expired") return <LostFile file={file} />;
  if (file.state === "checking") return <ComingFile words="file.checking" />;
  if (file.state === "pending" || !file.url) return <ComingFile words="file.coming" />;
  switch (kind) {
    case "image":
      return <Picture url={file.url} file={file} caption={said.caption} />;
    case "sticker":
      return <StickerPart url={file.url} />;
    case "video":
      return <FilmPart url={file.url} file={file} />;
    case "audio":
      return <VoicePlayer url={file.url} isVoice={said.voice} seconds={file.seconds} waveform={file.waveform} />;
    case "document":
      return <Paper url={file.url} file={file} />;
  }
}

function ComingFile({ words }: { words: "file.coming" | "file.checking" }) {
  const { t } = useTranslation("inbox");
  return (
    <Group className={classes.state} gap="xs">
      <Loader size={16} aria-hidden />
      <Text size="sm">{t(words)}</Text>
    </Group>
  );
}

function FailedFile({ file }: { file: FileShown }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay();
  const { title } = useTrouble()(file.problem);
  const retry = useMutation({
    mutationFn: (media: string) =>
      answer(api.POST("/api/v1/orgs/{org}/media/{media}/retry", { params: { path: { org, media } } })),
    onError: tellProblem,
  });
  return (
    <Stack className={classes.state} gap={6} align="flex-start">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <CircleAlert size={18} aria-hidden className={classes.alert} />
        <Text size="sm">{title ?? t("file.failed")}</Text>
      </Group>
      {file.id && may("inbox.write") && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<RotateCw size={14} aria-hidden />}
          loading={retry.isPending || retry.isSuccess}
          onClick={() => retry.mutate(file.id ?? "")}
        >
          {t("file.retry")}
        </Button>
      )}
    </Stack>
  );
}

/** A file that nobody can open any more, and why. */
function LostFile({ file }: { file: FileShown }) {
  const { t } = useTranslation("inbox");
  const { title, action } = useTrouble()(file.problem);
  const isBlocked = file.state === "blocked";
  const Icon = isBlocked ? ShieldAlert : Clock;
  return (
    <Group className={classes.state} gap="xs" wrap="nowrap" align="flex-start">
      <Icon size={18} aria-hidden className={isBlocked ? classes.alert : classes.quiet} />
      <div>
        <Text size="sm">{title ?? t(isBlocked ? "file.blocked" : "file.expired")}</Text>
        {action && (
          <Text size="xs" className={classes.facts}>
            {action}
          </Text>
        )}
      </div>
    </Group>
  );
}

/** The room that a picture or film takes, before it is there: the thread does not jump. */
function roomOf({ width, height, placeholder }: FileShown): CSSProperties {
  const ratio = width && height ? Math.min(Math.max(width / height, 0.6), 2.5) : null;
  return {
    ...(ratio && { aspectRatio: String(ratio) }),
    ...(placeholder && { backgroundImage: `url("${placeholder}")` }),
  };
}

function Picture({ url, file, caption }: { url: string; file: FileShown; caption: string }) {
  const { t } = useTranslation("inbox");
  const [isOpen, { open, close }] = useDisclosure();
  const what = caption || t("file.picture");
  return (
    <>
      <button type="button" className={classes.picture} onClick={open} aria-label={t("file.enlarge", { what })}>
        <img
          src={file.thumbnail ?? url}
          alt=""
          loading="lazy"
          decoding="async"
          data-sized={file.width !== null || undefined}
          style={roomOf(file)}
        />
      </button>
      <PictureModal url={url} what={what} isOpen={isOpen} onClose={close} />
    </>
  );
}

function StickerPart({ url }: { url: string }) {
  const { t } = useTranslation("inbox");
  return <img src={url} alt={t("kind.sticker")} className={classes.sticker} loading="lazy" />;
}

function FilmPart({ url, file }: { url: string; file: FileShown }) {
  const { t } = useTranslation("inbox");
  // Customers' films come without subtitles.
  return <video src={url} controls preload="metadata" className={classes.film} style={roomOf(file)} aria-label={t("kind.video")} />;
}

function Paper({ url, file }: { url: string; file: FileShown }) {
  const { t, i18n } = useTranslation("inbox");
  const name = file.name ?? t("kind.document");
  const facts = [ending(file.name, file.mime), file.size === null ? null : bytes(file.size, i18n.language)];
  return (
    <Group className={classes.paper} wrap="nowrap" gap="sm">
      <FileText size={28} aria-hidden className={classes.icon} />
      <div className={classes.name}>
        <Text size="sm" fw={500} lineClamp={2}>
          {name}
        </Text>
        <Text size="xs" className={classes.facts}>
          {facts.filter(Boolean).join(" · ")}
        </Text>
      </div>
      <ActionIcon component="a" href={url} download={name} variant="subtle" aria-label={t("file.downloadNamed", { name })}>
        <Download size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

/** `PDF`, from the name or the type. */
function ending(name: string | null, mime: string): string {
  return (/\.([a-z0-9]{1,5})$/i.exec(name ?? "")?.[1] ?? mime.split("/").at(-1) ?? "").toUpperCase();
}
