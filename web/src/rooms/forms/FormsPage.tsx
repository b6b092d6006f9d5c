/** The organisation's forms. */
import { Anchor, Badge } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ClipboardPenLine } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Facts, Row, Rows } from "@/ui/Rows";
import { CollectingTabs } from "./CollectingTabs";
import { NewForm } from "./NewForm";
import { formsQuery, useFreshForms, type Form } from "./queries";

export function FormsPage() {
  const { t } = useTranslation("forms");
  const mayWrite = useMay()("settings.write");
  const { items } = useSuspenseQuery(formsQuery(useOrg())).data;
  useFreshForms();
  const add = mayWrite && <NewForm />;
  return (
    <Page title={t("title")} about={t("about")} actions={items.length > 0 && add}>
      <CollectingTabs />
      {items.length > 0 ? (
        <Rows label={t("tabs.forms")}>
          {items.map((form) => (
            <FormRow key={form.id} form={form} />
          ))}
        </Rows>
      ) : (
        <EmptyState icon={ClipboardPenLine} title={t("none.title")} action={add}>
          {t(mayWrite ? "none.detail" : "none.readOnly")}
        </EmptyState>
      )}
    </Page>
  );
}

function FormRow({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const { slug } = useMembership();
  return (
    <Row
      title={
        <Anchor component={Link} to={`/o/${slug}/forms/${form.id}`} c="inherit" fw={600}>
          {form.name}
        </Anchor>
      }
      facts={
        <Facts>
          {[
            t("counts.views", { count: form.views }),
            t("counts.submitted", { count: form.submitted }),
            t("counts.confirmed", { count: form.confirmed }),
          ]}
        </Facts>
      }
      actions={<FormState form={form} />}
    />
  );
}

/** Whether people can use a form. */
export function FormState({ form }: { form: Form }) {
  const { t } = useTranslation("forms");
  const state = form.status === "archived" ? "archived" : form.version ? "active" : "unworded";
  const color = { archived: "gray", active: "sapa", unworded: "yellow" }[state];
  return (
    <Badge variant="light" color={color} fw={600}>
      {t(`state.${state}`)}
    </Badge>
  );
}
