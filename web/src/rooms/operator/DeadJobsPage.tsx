/** Jobs that were given up, and the way to run them once more. */
import { Button, Code } from "@mantine/core";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { CircleCheck, RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePaged } from "@/ui/Paged";
import { ProblemAlert } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { deadJobsQuery, organisationsQuery } from "./queries";

export function DeadJobsPage() {
  const { t } = useTranslation("operator");
  const { data: jobs } = useSuspenseQuery(deadJobsQuery);
  const { items: organisations } = usePaged(organisationsQuery);
  return (
    <Page title={t("jobs.title")} about={t("jobs.about")}>
      {jobs.length > 0 ? (
        <Rows label={t("jobs.title")}>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} owner={organisations.find((one) => one.id === job.org_id)?.name} />
          ))}
        </Rows>
      ) : (
        <EmptyState icon={CircleCheck} title={t("jobs.none")}>
          {t("jobs.noneDetail")}
        </EmptyState>
      )}
    </Page>
  );
}

function JobRow({ job, owner }: { job: Schemas["DeadJob"]; owner?: string }) {
  const { t } = useTranslation("operator");
  const again = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/operator/dead-jobs/{job}/retry", { params: { path: { job: job.id } } })),
  });
  return (
    <Row
      title={job.queue}
      facts={<Facts>{[<Time key="when" at={job.created_at} />, owner, t("jobs.attempts", { count: job.attempts })]}</Facts>}
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<RotateCw size={14} aria-hidden />}
          loading={again.isPending}
          disabled={again.isSuccess}
          onClick={() => again.mutate()}
        >
          {t(again.isSuccess ? "jobs.underWay" : "jobs.retry")}
        </Button>
      }
    >
      <ProblemAlert error={again.error} mb="xs" />
      {job.last_error && (
        <Code block tabIndex={0} style={{ whiteSpace: "pre-wrap" }}>
          {job.last_error}
        </Code>
      )}
    </Row>
  );
}
