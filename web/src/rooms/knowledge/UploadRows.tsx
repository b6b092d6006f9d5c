/** Files on their way, and those that did not arrive with the reason. */
import { Button, CloseButton, Progress, Text } from "@mantine/core";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ApiProblem, Told } from "@/api/problem";
import { sentence } from "@/ui/Problem";
import { Row, Rows } from "@/ui/Rows";
import { fileSize } from "./facts";
import { SourceMark } from "./SourceMark";
import type { Upload, Uploads } from "./uploads";

export function UploadRows({ list, uploads }: { list: readonly Upload[]; uploads: Uploads }) {
  const { t } = useTranslation("knowledge");
  if (list.length === 0) return null;
  return (
    <Rows label={t("upload.list")}>
      {list.map((one) => (
        <UploadRow key={one.id} one={one} uploads={uploads} />
      ))}
    </Rows>
  );
}

/** Whether sending the same file again may go better. */
function mayPass(problem: unknown): boolean {
  return Boolean(problem) && !(problem instanceof Told) && !(problem instanceof ApiProblem && problem.status < 500);
}

function UploadRow({ one, uploads }: { one: Upload; uploads: Uploads }) {
  const { t, i18n } = useTranslation("knowledge");
  const { name, size } = one.file;
  const percent = Math.round(one.share * 100);
  return (
    <Row
      mark={<SourceMark kind="file" />}
      title={name}
      facts={
        one.problem ? (
          <Text component="span" inherit c="var(--mantine-color-error)" role="alert">
            {sentence(one.problem)}
          </Text>
        ) : percent === 100 ? (
          t("upload.checking")
        ) : (
          t("upload.progress", { percent, size: fileSize(size, i18n.language) })
        )
      }
      actions={
        <>
          {mayPass(one.problem) && (
            <Button
              variant="default"
              size="xs"
              leftSection={<RotateCw size={14} aria-hidden />}
              onClick={() => uploads.again(one.id)}
            >
              {t("again", { ns: "app" })}
            </Button>
          )}
          <CloseButton
            aria-label={t(one.problem ? "upload.dismiss" : "upload.stop", { name })}
            onClick={() => uploads.drop(one.id)}
          />
        </>
      }
    >
      {!one.problem && <Progress value={percent} size="sm" aria-label={t("upload.of", { name })} animated={percent === 100} />}
    </Row>
  );
}
