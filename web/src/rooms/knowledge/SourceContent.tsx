/** What was typed into a source, to be written anew. */
import { Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone } from "@/ui/Problem";
import { useUnsaved } from "@/ui/useUnsaved";
import { usePairs } from "./drafts";
import { PairsEditor } from "./PairsEditor";
import { contentQuery, replacePairs, replaceText, useSourceDeed, type Pair, type Source } from "./queries";
import { TextEditor } from "./TextEditor";

export function SourceContent({ source }: { source: Source }) {
  const { data } = useSuspenseQuery(contentQuery(useOrg(), source.id));
  return data.pairs ? <PairsContent source={source} pairs={data.pairs} /> : <TextContent source={source} text={data.text ?? ""} />;
}

function TextContent({ source, text }: { source: Source; text: string }) {
  const { t } = useTranslation("knowledge");
  const mayWrite = useMay()("knowledge.write");
  const [written, setWritten] = useState(text);
  const save = useSourceDeed(replaceText(source.id));
  const changed = written !== text;
  useUnsaved(changed);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate(written, { onSuccess: () => tellDone(t("content.saved")) });
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <ProblemAlert error={save.error} />
        <TextEditor value={written} readOnly={!mayWrite} onChange={(event) => setWritten(event.currentTarget.value)} />
        {mayWrite && (
          <FormActions
            pending={save.isPending}
            disabled={!changed || !written.trim()}
            onCancel={changed ? () => setWritten(text) : undefined}
          />
        )}
      </Stack>
    </form>
  );
}

function PairsContent({ source, pairs: before }: { source: Source; pairs: Pair[] }) {
  const { t } = useTranslation("knowledge");
  const mayWrite = useMay()("knowledge.write");
  const save = useSourceDeed(replacePairs(source.id));
  const { rows, setRows, pairs, ready, errors, reset } = usePairs(before, save.error);
  const changed = JSON.stringify(pairs) !== JSON.stringify(before);
  useUnsaved(changed);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (ready()) save.mutate(pairs, { onSuccess: () => tellDone(t("content.saved")) });
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <ProblemAlert error={save.error} />
        <PairsEditor value={rows} onChange={setRows} errors={errors} readOnly={!mayWrite} />
        {mayWrite && (
          <FormActions
            pending={save.isPending}
            disabled={!changed || pairs.length === 0}
            onCancel={changed ? () => reset(before) : undefined}
          />
        )}
      </Stack>
    </form>
  );
}
