/** Writing text to answer from. */
import { Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useIntention } from "@/api/intention";
import { useMembership } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { Page } from "@/ui/Page";
import { ProblemAlert, useProblemInForm } from "@/ui/Problem";
import { useUnsaved } from "@/ui/useUnsaved";
import { useSourceDeed } from "./queries";
import { TextEditor } from "./TextEditor";

interface Values {
  title: string;
  text: string;
}

export function AddTextPage() {
  const { t } = useTranslation("knowledge");
  const { slug } = useMembership();
  const navigate = useNavigate();
  const once = useIntention();
  const form = useForm<Values>({ mode: "uncontrolled", initialValues: { title: "", text: "" } });
  const add = useSourceDeed((org, body: Values) =>
    answer(api.POST("/api/v1/orgs/{org}/sources/text", { params: { path: { org }, header: once(body) }, body })),
  );
  const problem = useProblemInForm(form, add.error);
  useUnsaved(form.isDirty() && !add.isSuccess);
  const there = `/o/${slug}/knowledge`;
  const send = (values: Values) => add.mutate(values, { onSuccess: () => void navigate({ to: there }) });
  return (
    <Page title={t("add.text")} about={t("add.textAbout")} up={{ to: there, label: t("title") }}>
      <form onSubmit={form.onSubmit(send)}>
        <Stack>
          <ProblemAlert error={problem} />
          <TextInput
            label={t("titleField")}
            description={t("titleHint")}
            maxLength={200}
            required
            withAsterisk={false}
            key={form.key("title")}
            {...form.getInputProps("title")}
          />
          <TextEditor key={form.key("text")} {...form.getInputProps("text")} />
          <FormActions send={t("add.send")} pending={add.isPending} onCancel={() => void navigate({ to: there })} />
        </Stack>
      </form>
    </Page>
  );
}
