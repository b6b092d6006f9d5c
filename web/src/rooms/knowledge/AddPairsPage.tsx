/** Writing questions with their answers. */
import { Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { useIntention } from "@/api/intention";
import { useMembership } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert } from "@/ui/Problem";
import { useUnsaved } from "@/ui/useUnsaved";
import { usePairs } from "./drafts";
import { PairsEditor } from "./PairsEditor";
import { useSourceDeed } from "./queries";

export function AddPairsPage() {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const once = useIntention();
  const [title, setTitle] = useState(t("pairs.title"));
  const add = useSourceDeed((org, body: Schemas["NewPairs"]) =>
    answer(api.POST("/api/v1/orgs/{org}/sources/pairs", { params: { path: { org }, header: once(body) }, body })),
  );
  const { rows, setRows, pairs, ready, errors } = usePairs([], add.error);
  useUnsaved(pairs.length > 0 && !add.isSuccess);
  const there = `/o/${slug}/knowledge`;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (ready()) add.mutate({ title, pairs }, { onSuccess: () => void navigate({ to: there }) });
  };
  return (
    <Page title={t("add.pairs")} about={t("add.pairsAbout")} up={{ to: there, label: t("title") }}>
      <form onSubmit={send}>
        <Stack>
          <ProblemAlert error={add.error} />
          <TextInput
            label={t("titleField")}
            description={t("titleHint")}
            maxLength={200}
            required
            withAsterisk={false}
            value={title}
            error={errors.title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <PairsEditor value={rows} onChange={setRows} errors={errors} />
          <FormActions
            send={t("add.send")}
            pending={add.isPending}
            disabled={pairs.length === 0}
            onCancel={() => void navigate({ to: there })}
          />
        </Stack>
      </form>
    </Page>
  );
}
