/** What people sent with a form, and where it stands. */
import { Badge, Text } from "@mantine/core";
import { Inbox } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { isolated } from "@/ui/isolated";
import { usePaged } from "@/ui/Paged";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { sentQuery, type Form, type Submission } from "./queries";

export function SentList({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const { items, more } = usePaged(sentQuery(useOrg(), form.id));
  if (items.length === 0) {
    return (
      <EmptyState icon={Inbox} title={t("sent.none")}>
        {t("sent.noneDetail")}
      </EmptyState>
    );
  }
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {t("sent.about")}
      </Text>
      <Rows label={t("form.sent")}>
        {items.map((submission) => (
          <SentRow key={submission.id} submission={submission} />
        ))}
      </Rows>
      {more}
    </>
  );
}

function SentRow({ submission }: { submission: Submission }) {
  const { t } = useTranslation("forms");
  const { name, phone, email, state, purposes, way, created_at, problem, asked_at, double_opt_in } = submission;
  const who = [name, phone && isolated(`+${phone}`), double_opt_in === "email" && email].filter(Boolean).join(" · ");
  const color = { pending: "yellow", confirmed: "sapa", expired: "gray" }[state];
  return (
    <Row
      title={who || t("sent.forgotten")}
      facts={
        <Facts>
          {[
            purposes.map((purpose) => t(purpose === "marketing" ? "purpose.marketing" : "purpose.utility")).join(", "),
            t(`way.${way}`),
            <Time key="at" at={created_at} />,
            state === "pending" && asked_at && !problem && t("sent.asked"),
            state === "pending" && problem && t("sent.problem", { problem }),
          ]}
        </Facts>
      }
      actions={
        <Badge variant="light" color={color} fw={600}>
          {t(`sent.${state}`)}
        </Badge>
      }
    />
  );
}
